from __future__ import annotations

import numpy as np
import pytest
import torch

from molq.chem.packed import slice_graphs
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.training import forward
from molq.training.forward import PlainForward, logits_of, make_forward, scores_of


@pytest.mark.parametrize("architecture", ["dmpnn", "ampnn", "gine", "attentivefp"])
def test_the_quick_way_gives_the_predictors_logits(bace, architecture):
    graphs = slice_graphs(bace.graphs, 0, 20)
    config = default_config(architecture, ("a",), "classification", d_h=16)
    torch.manual_seed(0)
    predictor = Predictor(config)
    mols = np.arange(20)
    ours = logits_of(predictor, make_forward(graphs, config), mols)
    torch.testing.assert_close(ours, logits_of(predictor, PlainForward(graphs, config), mols), rtol=1e-5, atol=1e-6)


def test_logits_are_taken_in_evaluation_mode_and_in_pieces(bace, monkeypatch):
    config = default_config("dmpnn", ("a",), "classification", d_h=16, dropout=0.5)
    predictor = Predictor(config).train()
    way = make_forward(bace.graphs, config)
    whole = logits_of(predictor, way, np.arange(50))
    monkeypatch.setattr(forward, "_SCORED_AT_ONCE", 7)
    torch.testing.assert_close(logits_of(predictor, way, np.arange(50)), whole, rtol=1e-5, atol=1e-6)
    assert predictor.training
    assert logits_of(predictor, way, np.arange(0)).shape == (0, 1)


def test_an_ensembles_score_is_the_mean_of_its_members(esol):
    graphs = slice_graphs(esol.graphs, 0, 10)
    members = []
    for seed in range(2):
        torch.manual_seed(seed)
        members.append(Predictor(default_config("dmpnn", ("a",), "regression", d_h=16)).eval())
        members[-1].output_mean.fill_(3.0)
        members[-1].output_scale.fill_(2.0 + seed)
    each = [scores_of(member, graphs) for member in members]
    np.testing.assert_allclose(scores_of(Ensemble(members), graphs), (each[0] + each[1]) / 2, rtol=1e-6)
    assert abs(each[0].mean() - 3.0) < 1.0
