from __future__ import annotations

from pathlib import Path

import pytest

import molq
from molq.errors import OutputError
from molq.results.shown import as_html


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study") / "study"


@pytest.fixture(scope="module")
def found(classifier: molq.Model, folder: Path, output: Path):
    return molq.study(
        folder / "table.csv",
        output,
        model=classifier,
        schemes=["int8"],
        library=folder / "library.smi",
        calib_size=20,
        resamples=100,
    )


def test_the_folder_holds_results_models_and_page(found, output: Path) -> None:
    assert [variant.scheme for variant in found.variants] == ["fp32", "int8"]
    assert {path.name for path in output.iterdir()} >= {"results.json", "results.csv", "calibset.csv", "report.html"}
    assert molq.load(output / "models" / "int8.molq").size_bytes == found.variants[1].size_bytes
    assert "int8" in (output / "report.html").read_text()
    assert "<" in (as_html(found) or "")
    assert max(map(len, repr(found).splitlines())) <= 80


def test_the_call_that_repeats_it_is_written_down(found, output: Path, folder: Path, classifier: molq.Model) -> None:
    assert found.command.startswith(f"molq.study('{folder / 'table.csv'}', '{output}', model=")
    assert "calib_size=20" in found.command
    assert "epochs" not in found.command
    values = {name: getattr(molq, name) for name in ("study",)}
    with pytest.raises(OutputError, match="`force`"):
        eval(found.command.replace("molq.", ""), values)


def test_another_command_may_be_what_repeats_it(folder: Path, tmp_path: Path, classifier: molq.Model) -> None:
    found = molq.study(
        folder / "table.csv",
        tmp_path / "s",
        model=classifier,
        schemes=["fp16"],
        library=folder / "library.smi",
        calib_size=20,
        resamples=100,
        command="molq study --dataset table.csv",
    )
    assert found.command == "molq study --dataset table.csv"
