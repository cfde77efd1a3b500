"""molq space from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from made_spaces import AMIDES, HEADER
from typer.testing import CliRunner

from molq.cli.main import app
from molq.results.space import SpaceSample, SpaceScreen, SpaceSummary
from molq.serial import from_json

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "amides.txt").write_text(AMIDES + "CC\tz\t1\tamide\n")
    return tmp_path


def run(*words: str) -> Result:
    return RUNNER.invoke(app, ["space", *words])


def test_info_answers_first_and_is_read_back() -> None:
    done = run("info", "amides.txt")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("6 products of 5 synthons, 1 reaction.\n")
    assert "1 synthon left out:\n  1 no connector, [1*] to [4*]" in done.stdout
    found = from_json(run("info", "amides.txt", "--json").stdout, SpaceSummary, "stdout")
    assert found.reactions[0].products == 6


def test_sample_writes_products(folder: Path) -> None:
    done = run("sample", "amides.txt", "3", "-o", "s.csv", "--json")
    assert done.exit_code == 0, done.output
    found = from_json(done.stdout, SpaceSample, "stdout")
    assert len((folder / "s.csv").read_text().splitlines()) == 4
    assert [product["id"] for product in json.loads(done.stdout)["products"]] == [p.id for p in found.products]
    assert run("sample", "amides.txt", "3", "-o", "s.csv").exit_code == 1
    assert run("sample", "amides.txt", "3", "-o", "amides.txt", "--force").exit_code == 1


def test_a_file_that_is_no_space_is_one_line(folder: Path) -> None:
    (folder / "none.txt").write_text(HEADER)
    done = run("info", "none.txt")
    assert done.exit_code == 1
    assert "no reaction has synthons in every position" in str(done.exception)


def test_from_reagents_to_a_space(folder: Path) -> None:
    (folder / "acids.smi").write_text("CC(=O)O acetic\nCCO ethanol\n")
    (folder / "amines.csv").write_text("name,smiles\nmethyl,NC\nethyl,NCC\n")
    reaction = "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]"
    done = run("from-reaction", reaction, "acids.smi", "amines.csv", "-o", "space.txt", "--name", "amide")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("2 products of 3 synthons, 1 reaction.\n")
    assert "1 synthon left out:\n  1 does not react" in done.stdout
    assert run("info", "space.txt").stdout.startswith("2 products of 3 synthons")
    assert run("from-reaction", reaction, "acids.smi", "amines.csv", "-o", "acids.smi", "--force").exit_code == 1


def test_screen_answers_with_the_best_and_how_sure_it_is(folder: Path) -> None:
    done = run("screen", "bace-dmpnn", "amides.txt", "--top", "2", "-o", "hits.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("The 2 products of highest Class among 6, every one scored by bace-dmpnn. Exact:")
    lines = (folder / "hits.csv").read_text().splitlines()
    assert lines[0] == ("rank,smiles,id,Class,reaction,synthon_1_id,synthon_1_smiles,synthon_2_id,synthon_2_smiles")
    assert len(lines) == 3
    assert run("screen", "bace-dmpnn", "amides.txt", "-o", "hits.csv").exit_code == 1
    found = from_json(
        run("screen", "bace-dmpnn", "amides.txt", "-o", "hits.csv", "--force", "--json").stdout, SpaceScreen, "stdout"
    )
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4, 5, 6]


def test_screen_within_windows_and_its_page(folder: Path) -> None:
    words = ("screen", "esol-dmpnn", "amides.txt", "-o", "h.csv", "--where", "heavy_atoms<9", "--workers", "0")
    done = run(*words, "--sample-check", "4", "--report", "p.html")
    assert done.exit_code == 0, done.output
    assert "Only products with heavy_atoms < 9 were looked for." in done.stdout
    assert len((folder / "h.csv").read_text().splitlines()) == 3
    assert "What the best of amide are made of" in (folder / "p.html").read_text()
    assert "`" not in (bad := run(*words[:-4], "--where", "qed>1", "--workers", "0", "--force")).output
    assert "--where 'qed>1': there is no property 'qed'" in str(bad.exception)
    assert run(*words, "--report", "amides.txt", "--force").exit_code == 1
    assert run(*words, "--report", "h.csv", "--force").exit_code == 1


def test_screen_by_a_sum_of_scores(folder: Path) -> None:
    words = ("screen", "bace-dmpnn", "amides.txt", "--workers", "0", "--sample-check", "4", "--force")
    done = run(*words, "-o", "h.csv", "--score", "1 - 2*Class", "--report", "p.html")
    assert done.exit_code == 0, done.output
    assert "of highest 1 - 2*Class among 6" in done.stdout.replace("\n", " ")
    rows = list(csv.DictReader((folder / "h.csv").read_text().splitlines()))
    values = [float(row["1 - 2*Class"]) for row in rows]
    assert values == sorted(values, reverse=True)
    assert values == pytest.approx([1 - 2 * float(row["Class"]) for row in rows], abs=1e-6)
    assert "1 - 2*Class of rank 1" in (folder / "p.html").read_text()
    assert "`" not in str((bad := run(*words, "-o", "h.csv", "--score", "Class^2")).exception)
    assert str(bad.exception).startswith("--score 'Class^2': a power is no sum of scores")
    bad = run(*words, "-o", "h.csv", "--score", "Class", "--task", "Class")
    assert str(bad.exception).startswith("--task and --score both say")


def test_screen_for_a_diverse_list(folder: Path) -> None:
    words = ("screen", "bace-dmpnn", "amides.txt", "-o", "h.csv", "--workers", "0", "--sample-check", "4", "--force")
    done = run(*words, "--diverse-by", "synthon", "--report", "p.html")
    assert done.exit_code == 0, done.output
    assert "at most 1 of each synthon, among 6" in done.stdout.replace("\n", " ")
    rows = list(csv.DictReader((folder / "h.csv").read_text().splitlines()))
    assert len(rows) == 2
    assert len({row[f"synthon_{i}_smiles"] for row in rows for i in (1, 2)}) == 4
    found = from_json(run(*words, "--diverse-by", "reaction", "--at-most", "3", "--json").stdout, SpaceScreen, "stdout")
    assert len(found.hits) == 3
    assert (found.diverse_by, found.at_most, found.are_all) == ("reaction", 3, True)
    bad = run(*words, "--diverse-by", "scaffold")
    assert str(bad.exception) == "--diverse-by must be synthon or reaction, not 'scaffold'"
    assert "--at-most is of what products share" in str(run(*words, "--at-most", "3").exception)
