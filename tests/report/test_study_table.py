from __future__ import annotations

from molq.report.study_table import accuracy_table, ranking_table, study_notes


def test_the_reference_is_not_compared_with_itself(results):
    table = accuracy_table(results)
    assert table.header == ("scheme", "size", "ratio", "ROC-AUC", "ΔROC-AUC to fp32", "verdict", "speed-up")
    assert table.rows[0] == ("fp32", "1,280.0 kB", "1.000", "0.800 [0.720, 0.870]", "reference", "–", "1.50×")
    assert table.rows[3][4:6] == ("−0.0030 [−0.0060, +0.0033]", "inconclusive")


def test_secondary_metrics_are_those_that_were_measured(results, regression_results):
    assert ranking_table(results).header[:3] == ("scheme", "PR-AUC", "EF1%")
    assert ranking_table(regression_results).header[:3] == ("scheme", "MAE", "R²")
    assert accuracy_table(regression_results).header[3] == "RMSE"


def test_notes_tell_the_split_the_margin_and_what_is_not_known(results):
    notes = "\n".join(study_notes(results))
    assert "150 test molecules, 80 actives, scaffold-balanced split, seed 0; 1,200 trained on" in notes
    assert "Margin stated beforehand: 0.005 ROC-AUC" in notes
    assert "may be among them" not in notes
    results["split"]["held_out"] = False
    assert "may be among them" in "\n".join(study_notes(results))
