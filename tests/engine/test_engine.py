"""The executed model: exact integers, the same bits for a molecule in any company, and the reference's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from molecules import DRUGS
from msgspec.structs import replace
from numba.core.dispatcher import Dispatcher
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, slice_graphs, take
from molq.chem.recipe import PLAIN, Recipe
from molq.engine import fingerprint_kernels, kernels, walk_kernels
from molq.engine.engine import Engine
from molq.engine.environments import Level
from molq.engine.outputs import scores_of
from molq.engine.torch_plan import TorchPlan
from molq.errors import InputError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES

GRAPHS = featurize(DRUGS * 3).graphs
FUSED = [config for config in VARIETY if config.architecture != "attentivefp"]
EXECUTED = sorted(set(SCHEMES) - {"w3a8", "w2a8"})  # those run as w4a8 does, on other integers


@pytest.mark.parametrize("scheme", EXECUTED)
@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_a_score_never_depends_on_batch_mates(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    engine = Engine(made)
    together = engine.scores(GRAPHS)
    order = np.random.default_rng(0).permutation(GRAPHS.n_mols)
    assert np.array_equal(engine.scores(take(GRAPHS, order)), together[order])
    alone = np.concatenate([Engine(made).scores(slice_graphs(GRAPHS, i, i + 1)) for i in range(len(DRUGS))])
    assert np.array_equal(alone, together[: len(DRUGS)])


@pytest.mark.parametrize("scheme", ["fp32", "fp16"])
@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_float_schemes_equal_the_module(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    with torch.no_grad():
        expected = made.activate(made(to_tensors(GRAPHS, config.feature_set))).numpy()
    np.testing.assert_allclose(Engine(made).scores(GRAPHS), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("scheme", sorted(set(EXECUTED) - {"fp32", "fp16"}))
@pytest.mark.parametrize("config", VARIETY, ids=named)
def test_plans_agree_with_the_forward_in_torch_to_float_rounding(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    executed = Engine(made).scores(GRAPHS)
    reference = scores_of([TorchPlan(made).outputs(GRAPHS)], config.outputs)
    float_scores = Engine(network(config, "fp32")).scores(GRAPHS)
    # a value on the edge between two codes may round either way, which moves a score by less than the scheme itself
    assert np.abs(executed - reference).max() <= 0.5 * np.abs(executed - float_scores).max() + 1e-6


def test_an_ensemble_scores_the_mean_of_its_members() -> None:
    members = [network(VARIETY[0], "int8"), network(VARIETY[5], "int8")]
    mean = np.mean([Engine(m).scores(GRAPHS).astype(np.float64) for m in members], axis=0)
    assert np.array_equal(Engine(Ensemble(members)).scores(GRAPHS), mean.astype(np.float32))


WITH_EXTRAS = [
    replace(config, recipe=Recipe(molecule_features=("charge", "v1_rdkit_2d_normalized")), extras=201)
    for config in (VARIETY[0], VARIETY[1], VARIETY[3], VARIETY[5], VARIETY[9])
]


@pytest.mark.parametrize("scheme", ["fp32", "fp16", "bf16", "int8", "w4a8"])
@pytest.mark.parametrize("config", WITH_EXTRAS, ids=named)
def test_extras_count_and_never_those_of_batch_mates(config: PredictorConfig, scheme: str) -> None:
    graphs = featurize(DRUGS, recipe=WITH_EXTRAS[0].recipe or PLAIN).graphs
    torch.manual_seed(3)
    exact = Predictor(config).eval()
    assert exact.scaler is not None
    exact.scaler.mean.uniform_(-1, 1)
    exact.scaler.scale.uniform_(0.5, 2)
    made = quantize(exact, SCHEMES[scheme], [graphs])
    engine = Engine(made)
    together = engine.scores(graphs)
    with torch.no_grad():
        reference = made.activate(made(to_tensors(graphs, config.feature_set))).numpy()
    np.testing.assert_allclose(together, reference, rtol=2e-5, atol=2e-6 if scheme in ("fp32", "fp16") else 2e-3)
    alone = np.concatenate([Engine(made).scores(slice_graphs(graphs, i, i + 1)) for i in range(len(DRUGS))])
    assert np.array_equal(alone, together)
    assert not np.allclose(engine.scores(graphs._replace(extras=graphs.extras[::-1])), together, atol=1e-3)
    assert engine.scores(empty_graphs()).shape == (0, 2)


def test_graphs_without_the_extras_that_a_model_takes_are_refused() -> None:
    with pytest.raises(InputError, match="bring 0 molecule features and the model takes 201"):
        Engine(Predictor(WITH_EXTRAS[0])).scores(GRAPHS)


def test_no_molecules_no_scores() -> None:
    for config in VARIETY:
        assert Engine(network(config, "int8")).scores(empty_graphs()).shape == (0, 2)


def levels_of(engine: Engine) -> list[Level]:
    return [level for environments in engine._environments.values() for level in environments.levels]


def test_tables_of_all_members_together_fit_the_cache() -> None:
    both = Ensemble([network(VARIETY[0]), network(VARIETY[5])])  # 32 wide, of depth 3 and 4
    engine = Engine(both, cache_bytes=3_000_000)
    for environments in engine._environments.values():
        assert 4 * 32 * 2 * sum(level.capacity for level in environments.levels) <= 3_000_000
    assert sum(level.capacity for level in levels_of(Engine(both, cache_bytes=1))) <= 2 * 512


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
@pytest.mark.parametrize("config", FUSED, ids=named)
def test_scores_do_not_depend_on_what_was_seen_or_forgotten(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    expected = Engine(made).scores(GRAPHS)
    forgetful = Engine(made)
    for level in levels_of(forgetful):
        level.capacity = 1
    for start in (20, 0, 7):
        part = slice_graphs(GRAPHS, start, start + 9)
        assert np.array_equal(forgetful.scores(part), expected[start : start + 9])


class Interrupted(BaseException):
    """As Ctrl-C is, it is no Exception."""


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
@pytest.mark.parametrize("config", VARIETY[:8], ids=named)
def test_an_interruption_at_any_kernel_leaves_right_scores(
    config: PredictorConfig, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = network(config, scheme)
    expected = Engine(made).scores(GRAPHS)
    calls, stop_at = 0, 10**9

    def watched(real: Any) -> Any:
        def call(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                raise Interrupted
            result = real(*arguments)
            if calls == -stop_at:
                raise Interrupted
            return result

        return call

    for module in (kernels, walk_kernels, fingerprint_kernels):
        for name in [name for name, value in vars(module).items() if isinstance(value, Dispatcher)]:
            monkeypatch.setattr(module, name, watched(getattr(module, name)))
    Engine(made).scores(slice_graphs(GRAPHS, 0, 12))
    n_calls = calls
    for k in range(1, n_calls + 1):
        for stop_at in (k, -k):
            engine, calls = Engine(made), 0
            with pytest.raises(Interrupted):
                engine.scores(slice_graphs(GRAPHS, 0, 12))
            stop_at = 10**9
            assert np.array_equal(engine.scores(GRAPHS), expected)
