from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs, take
from molq.errors import InputError, UnsupportedError
from molq.nn.config import PredictorConfig, default_config
from molq.nn.ensemble import Ensemble, from_members
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor


@pytest.mark.parametrize("config", VARIETY, ids=str)
def test_batched_equals_single(config: PredictorConfig) -> None:
    torch.manual_seed(0)
    predictor = Predictor(config).eval()
    graphs = featurize(DRUGS).graphs
    batched = predictor(to_tensors(graphs, config.feature_set))
    single = [predictor(to_tensors(slice_graphs(graphs, i, i + 1), config.feature_set)) for i in range(graphs.n_mols)]
    torch.testing.assert_close(batched, torch.cat(single), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", VARIETY, ids=str)
def test_atom_order_does_not_matter(config: PredictorConfig) -> None:
    torch.manual_seed(0)
    predictor = Predictor(config).eval()
    one_way, other_way = ("CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1OC(C)=O")
    graphs = featurize([one_way, other_way]).graphs
    logits = predictor(to_tensors(graphs, config.feature_set))
    torch.testing.assert_close(logits[0], logits[1], rtol=1e-4, atol=1e-5)


def test_config_round_trip_and_refusals() -> None:
    config = default_config("dmpnn", ("a", "b"), "classification", head_hidden=(10, 20))
    assert PredictorConfig.from_dict(config.to_dict()) == config
    with pytest.raises(InputError, match="unknown keys"):
        PredictorConfig.from_dict({**config.to_dict(), "colour": 1})
    with pytest.raises(InputError, match="absent"):
        PredictorConfig.from_dict({"architecture": "dmpnn"})
    with pytest.raises(InputError, match="distinct"):
        default_config("dmpnn", ("a", "a"), "classification")
    with pytest.raises(UnsupportedError, match="superatom"):
        default_config("dmpnn", ("a",), "classification", readout="superatom")
    with pytest.raises(InputError, match="d_h"):
        default_config("dmpnn", ("a",), "classification", d_h=10**9)


def test_ensemble_refuses_members_that_differ() -> None:
    a, b = (Predictor(default_config("dmpnn", (t,), "classification", d_h=8)) for t in ("a", "b"))
    with pytest.raises(InputError, match="tasks"):
        Ensemble([a, b])
    with pytest.raises(InputError, match="at least one"):
        Ensemble([])
    assert from_members([a]) is a


def test_to_tensors_follows_take() -> None:
    graphs = featurize(DRUGS).graphs
    order = np.array([2, 0, 2])
    whole, part = to_tensors(graphs, "V2"), to_tensors(take(graphs, order), "V2")
    rows = np.concatenate([np.arange(graphs.atom_ptr[i], graphs.atom_ptr[i + 1]) for i in order])
    assert torch.equal(part.x, whole.x[torch.from_numpy(rows)])
    assert part.n_mols == 3
    assert torch.equal(part.src[0::2], part.dst[1::2])
