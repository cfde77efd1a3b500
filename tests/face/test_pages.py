from __future__ import annotations

from pathlib import Path

import pytest

import molq
from molq.errors import OutputError


def test_every_kind_of_result_has_a_page(tmp_path: Path, folder: Path, classifier: molq.Model, few_draws: int) -> None:
    small, table = classifier.quantize("int8", folder / "library.smi"), folder / "table.csv"
    results = {
        "set": molq.calibration_set(table, size=20).validate(table, draws=few_draws),
        "layers": molq.sensitivity(classifier, table, folder / "library.smi", resamples=100),
        "diagnosis": molq.diagnose(small, table, all_rows=True, resamples=100),
    }
    for name, result in results.items():
        text = molq.write_report(result, tmp_path / f"{name}.html").read_text()
        assert text.startswith("<!doctype html>") or text.lower().startswith("<!doctype html>")
        assert "</html>" in text
        with pytest.raises(OutputError, match="`force`"):
            molq.write_report(result, tmp_path / f"{name}.html")
        molq.write_report(result, tmp_path / f"{name}.html", force=True)


def test_words_of_files_turn_nothing_around_on_a_page(tmp_path: Path, few_draws: int) -> None:
    table = tmp_path / "good\u202e.csv"
    table.write_text("smiles,y\n" + "".join(f"{'C' * n}O,{n % 2}\n" for n in range(1, 31)))
    found = molq.calibration_set(table, size=10).validate(table, draws=few_draws)
    text = molq.write_report(found, tmp_path / "page.html").read_text()
    assert "\u202e" not in text
    assert "good\\u202e.csv" in text
