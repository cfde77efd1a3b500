from __future__ import annotations

from made_results import make_fidelity

from molq.report.text.fidelity import fidelity_cells, fidelity_header


def test_the_loss_is_there_only_with_a_metric():
    assert fidelity_header(None) == ("score MSE", "SQNR", "hits 1%", "hits 5%")
    assert fidelity_header("roc_auc")[-1] == "loss of ROC-AUC [95%]"
    assert fidelity_cells(make_fidelity(), "roc_auc")[-1] == "+0.0010 [−0.0020, +0.0030]"
    assert len(fidelity_cells(make_fidelity(labelled=False), None)) == 4


def test_a_model_that_scores_the_same_is_exact():
    assert fidelity_cells(make_fidelity(0.0), None)[:2] == ("0", "exact")
    assert fidelity_cells(make_fidelity(1.9e-3), None)[:2] == ("1.9e−3", "30.0 dB")
