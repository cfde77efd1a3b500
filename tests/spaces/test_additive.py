"""A network as a sum over atoms gives the engine's logits of whole molecules."""

from __future__ import annotations

import numpy as np
import pytest
from heads import HEADS, head_of
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.nn.ensemble import Ensemble
from molq.spaces.additive import Additive, AtomGroups, leading_logit, line_of

GRAPHS = featurize(DRUGS).graphs
SUMS = [config for config in VARIETY if config.readout in ("sum", "mean", "norm")]
N_ATOMS = np.diff(GRAPHS.atom_ptr)


def whole(additive: Additive) -> np.ndarray:
    """Hidden values of molecules, each the sum of two halves of its atoms."""
    atoms = np.arange(len(GRAPHS.atoms), dtype=np.int32)
    middle = GRAPHS.atom_ptr[:-1] + N_ATOMS // 2
    ptr = np.sort(np.concatenate([GRAPHS.atom_ptr, middle])).astype(np.int32)
    rows = np.empty((len(ptr) - 1, additive.width), np.float32)
    additive.fill_rows(GRAPHS, AtomGroups(atoms, ptr), rows)
    return additive.hidden(rows[::2] + rows[1::2], N_ATOMS)


@pytest.mark.parametrize("config", SUMS, ids=named)
def test_logits_are_the_engines(config) -> None:
    model = network(config)
    additive = Additive(model)
    logits = additive.logits(whole(additive))[0]
    np.testing.assert_allclose(logits, Engine(model).logits(GRAPHS), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(additive.scores(whole(additive)), Engine(model).scores(GRAPHS), rtol=1e-4, atol=1e-5)


def test_members_stand_side_by_side() -> None:
    model = Ensemble([network(VARIETY[0]), network(VARIETY[5])])
    additive = Additive(model)
    assert additive.width == sum(member.config.head_hidden[0] for member in model.members)
    assert additive.radius == 4
    logits = np.concatenate(additive.logits(whole(additive)), axis=1)
    np.testing.assert_allclose(logits, Engine(model).logits(GRAPHS), rtol=1e-4, atol=1e-5)
    assert additive.unit({0: 1.0}) is None


def test_a_unit_is_the_short_way_to_a_logit() -> None:
    model = network(VARIETY[0])
    additive = Additive(model)
    unit = additive.unit({1: 1.0})
    assert unit is not None
    assert leading_logit(model, model.columns[1]) == 1
    short = np.maximum(whole(additive), 0) @ unit.weight + unit.bias
    logits = Engine(model).logits(GRAPHS)
    np.testing.assert_allclose(short, logits[:, 1], rtol=1e-4, atol=1e-5)
    both = additive.unit({0: 2.0, 1: -0.5})
    assert both is not None
    short = np.maximum(whole(additive), 0) @ both.weight + both.bias
    np.testing.assert_allclose(short, 2 * logits[:, 0] - 0.5 * logits[:, 1], rtol=1e-4, atol=1e-5)
    assert Additive(network(VARIETY[1])).unit({0: 1.0}) is None, "no hidden layer"


@pytest.mark.parametrize("outputs", HEADS, ids=str)
def test_a_line_of_a_logit_is_its_score(outputs) -> None:
    model = head_of(outputs)
    logits, scores = Engine(model).logits(GRAPHS), Engine(model).scores(GRAPHS)
    for place, column in enumerate(model.columns):
        line = line_of(model, column)
        assert (line is not None) == (outputs.kind == "regression" and column.part == "value" and is_straight(outputs))
        if line is not None:
            of_logit = line.slope * logits[:, line.logit] + line.start
            np.testing.assert_allclose(of_logit, scores[:, place], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(Additive(model).scores_of_logits(logits), scores, rtol=1e-5, atol=1e-6)


def is_straight(outputs) -> bool:
    return outputs.uncertainty != "quantile"
