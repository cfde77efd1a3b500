"""Whoever measures gets scores that are all numbers, or an error that names the model."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.engine.all_scores import all_scores
from molq.engine.engine import Engine
from molq.errors import ModelFileError
from molq.nn.config import PredictorConfig

GRAPHS = featurize(DRUGS).graphs


@pytest.mark.parametrize("scheme", ["fp32", "bf16", "int8-dynamic"])
@pytest.mark.parametrize("config", VARIETY[:6], ids=named)
def test_an_overflow_is_an_error_and_no_certainty(config: PredictorConfig, scheme: str) -> None:
    made = copy.deepcopy(network(config, scheme))
    assert np.array_equal(all_scores(made, GRAPHS), Engine(made).scores(GRAPHS))
    with torch.no_grad():
        made.members[0].head.layers[-1].bias.fill_(float("inf"))
    assert not np.isfinite(Engine(made).scores(GRAPHS)).any()
    with pytest.raises(ModelFileError, match=rf"^m.molq gives {len(DRUGS)} of {len(DRUGS)} molecules no number"):
        all_scores(made, GRAPHS, "m.molq")
