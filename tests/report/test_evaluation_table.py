from __future__ import annotations

from molq.report.evaluation_table import comparison_table, secondary_table


def evaluation(results: dict, n: int) -> dict:
    return {"models": [{**v, "path": f"{v['scheme']}.molq"} for v in results["variants"][:n]]}


def test_one_model_is_compared_with_nothing(results):
    table = comparison_table(evaluation(results, 1))
    assert table.header == ("model", "scheme", "size", "ROC-AUC")
    assert table.rows == (("fp32.molq", "fp32", "1,280.0 kB", "0.800 [0.720, 0.870]"),)


def test_others_are_compared_with_the_first(results):
    table = comparison_table(evaluation(results, 2))
    assert table.header[-2:] == ("ΔROC-AUC to the first", "verdict")
    assert table.rows[0][-2:] == ("reference", "–")
    assert table.rows[1][-2:] == ("−0.0010 [−0.0020, +0.0011]", "non-inferior")


def test_the_second_table_has_the_rest(results):
    assert secondary_table(evaluation(results, 2)).header == ("model", "PR-AUC", "EF1%")
