from __future__ import annotations

import msgspec
from made_results import make_study

from molq.report.text.study import (
    accuracy_table,
    chosen_variant,
    ranking_table,
    secondary_metrics,
    study_notes,
    study_text,
    study_words,
)


def test_the_reference_is_not_compared_with_itself():
    table = accuracy_table(make_study())
    assert table.header == ("scheme", "size", "ratio", "ROC-AUC", "ΔROC-AUC to fp32", "verdict", "speed-up")
    assert table.rows[0] == ("fp32", "1,280.0 kB", "1.000", "0.800 [0.720, 0.870]", "reference", "–", "1.50×")
    assert table.rows[3][4:6] == ("−0.0030 [−0.0060, +0.0033]", "inconclusive")


def test_secondary_metrics_are_those_that_were_measured():
    assert ranking_table(make_study()).header[:4] == ("scheme", "PR-AUC", "EF1%", "BEDROC")
    assert ranking_table(make_study("regression")).header[:3] == ("scheme", "MAE", "R²")
    assert secondary_metrics(make_study("regression")) == ["mae", "r2"]
    assert accuracy_table(make_study("regression")).header[3] == "RMSE"


def test_notes_tell_the_split_the_margin_and_what_is_not_known():
    study = make_study()
    notes = "\n".join(study_notes(study))
    assert "150 test molecules, 80 actives, scaffold-balanced split, seed 0; 1,200 trained on" in notes
    assert "Margin stated beforehand: 0.005 ROC-AUC" in notes
    assert "may be among them" not in notes
    unknown = msgspec.structs.replace(study, split=msgspec.structs.replace(study.split, held_out=False))
    assert "may be among them" in "\n".join(study_notes(unknown))


def test_the_text_fits_80_columns_and_holds_every_cell_of_the_tables():
    study = make_study()
    text = study_text(study)
    assert max(map(len, text.splitlines())) <= 80
    for table in (accuracy_table(study), ranking_table(study)):
        assert all(cell in text for row in table.rows for cell in row)


def test_only_the_words_that_occur_are_explained():
    verdicts, metrics, _ = study_words(make_study())
    assert (verdicts, metrics[0]) == (["ROC-AUC", "non-inferior", "inconclusive"], "PR-AUC")
    assert "BEDROC" not in study_words(make_study("regression"))[1]


def test_int8_is_spoken_of_first_or_else_the_smallest():
    study = make_study()
    assert chosen_variant(study).scheme == "int8"
    assert chosen_variant(msgspec.structs.replace(study, variants=study.variants[:3])).scheme == "fp16"
