"""From labelled molecules to a ranked library, by commands alone: what was measured is what runs."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from small import write_library, write_table
from typer.testing import CliRunner

from molq.cli.main import app


def molq(*arguments) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, f"molq {' '.join(map(str, arguments))}\n{done.output}\n{done.exception!r}"
    return done.stdout


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    """A folder after train, calibset build, quantize and study."""
    folder = tmp_path_factory.mktemp("road")
    table, library = write_table(folder), write_library(folder)
    model = folder / "m.molq"
    molq("train", table, "--task", "active", "--epochs", 8, "--split", "random", "--d-h", 64, "-o", model)
    molq("calibset", "build", table, "--match", library, "--size", 30, "-o", folder / "c.csv")
    molq("quantize", model, "--calibset", folder / "c.csv", "-o", folder / "q.molq")
    molq(
        *("study", "--dataset", table, "--task", "active", "--model", model, "--library", library),
        *("--calib-size", 30, "--resamples", 200, "-o", folder / "study"),
    )
    return folder


def test_the_screen_gives_the_very_scores_that_were_measured(road):
    with (road / "study" / "scores.csv").open() as file:
        measured = list(csv.DictReader(file))
    library = road / "test.csv"
    library.write_text("smiles\n" + "\n".join(row["smiles"] for row in measured) + "\n")
    for scheme in ("fp32", "int8"):
        out = road / f"{scheme}.csv"
        model = road / "study" / "models" / f"{scheme}.molq"
        molq("screen", model, library, "-o", out, "--workers", int(scheme == "int8"))
        with out.open() as file:
            screened = [float(row["active"]) for row in csv.DictReader(file)]
        stated = [float(row[f"{scheme}:active"]) for row in measured]
        assert np.array_equal(np.float32(screened), np.float32(stated)), scheme


def test_evaluate_repeats_the_study(road):
    study = {v["scheme"]: v for v in json.loads((road / "study" / "results.json").read_text())["variants"]}
    files = [road / "study" / "models" / f"{scheme}.molq" for scheme in ("fp32", "int8")]
    found = json.loads(
        molq("evaluate", *files, "--data", road / "table.csv", "--resamples", 200, "--json"),
    )["models"]
    for mine, scheme in zip(found, ("fp32", "int8"), strict=True):
        for name in ("roc_auc", "roc_auc_low", "roc_auc_high", "delta_auc", "delta_auc_low", "pr_auc", "size_bytes"):
            assert mine[name] == study[scheme][name], (scheme, name)


def test_int8_is_small_and_finds_what_fp32_finds(road):
    study = {v["scheme"]: v for v in json.loads((road / "study" / "results.json").read_text())["variants"]}
    assert study["int8"]["library_spearman"] > 0.98
    assert study["int8"]["size_bytes"] < study["fp16"]["size_bytes"] < study["fp32"]["size_bytes"]
    assert abs(study["int8"]["delta_auc"]) < 0.05
    assert (road / "q.molq").stat().st_size < (road / "m.molq").stat().st_size / 2
