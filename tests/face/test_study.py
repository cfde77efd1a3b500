from __future__ import annotations

from pathlib import Path
from typing import Any

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


def _study(folder: Path, output: Path, model: molq.Model | Path, **options: Any) -> Any:
    usual: dict[str, Any] = {"schemes": ["fp16"], "library": folder / "library.smi", "calib_size": 20}
    return molq.study(folder / "table.csv", output, model=model, resamples=100, **(usual | options))


MINE = ["report.html", "results.csv", "calibset.csv", "scores.csv", "models/fp16.molq"]


@pytest.mark.parametrize("name", MINE)
def test_no_file_of_a_user_is_replaced_without_leave(folder: Path, tmp_path: Path, classifier, name: str) -> None:
    (tmp_path / "s" / name).parent.mkdir(parents=True)
    (tmp_path / "s" / name).write_text("a user's own")
    with pytest.raises(OutputError, match=f"holds {name} already"):
        _study(folder, tmp_path / "s", classifier)
    assert [path.name for path in (tmp_path / "s").rglob("*") if path.is_file()] == [Path(name).name]
    assert (tmp_path / "s" / name).read_text() == "a user's own"


def test_with_leave_its_own_files_are_replaced_and_no_other(folder: Path, tmp_path: Path, classifier) -> None:
    kept = {"notes.txt": "mine", "models/int8.molq": "mine", "models/other.molq": "mine"}
    for name, text in {**kept, **dict.fromkeys(MINE, "old")}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    _study(folder, tmp_path, classifier, force=True)
    assert {name: (tmp_path / name).read_text() for name in kept} == kept
    assert all((tmp_path / name).read_bytes() != b"old" for name in MINE)


def test_an_input_is_never_overwritten(found, output: Path, folder: Path) -> None:
    model = output / "models" / "fp32.molq"
    before = model.read_bytes()
    with pytest.raises(OutputError, match=r"fp32\.molq is an input and is not overwritten"):
        _study(folder, output, model, force=True)
    assert model.read_bytes() == before


def test_an_interrupted_study_leaves_the_earlier_one_whole(
    found, output: Path, folder: Path, classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}

    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    before = contents()
    monkeypatch.setattr("molq.face.study.write_report", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _study(folder, output, classifier, schemes=["int8"], force=True, seed=5)
    assert contents() == before


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
