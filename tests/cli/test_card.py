from typer.testing import CliRunner

import molq
from molq.cli.main import app


def run(*words):
    return CliRunner().invoke(app, ["card", *map(str, words)])


def test_the_card_is_printed_and_the_folder_is_a_model(tmp_path):
    printed = run("bace-dmpnn")
    assert printed.exit_code == 0
    assert "# bace-dmpnn" in printed.output
    written = run("bace-dmpnn", "--format", "hf", "-o", tmp_path / "hub")
    assert written.exit_code == 0
    assert molq.load(tmp_path / "hub") == molq.load("bace-dmpnn")
    assert (tmp_path / "hub" / "README.md").read_text() == printed.output.removesuffix("\n")


def test_a_folder_is_for_the_hub_alone(tmp_path):
    assert "is the folder of" in str(run("bace-dmpnn", "-o", tmp_path / "hub").exception).replace(
        "--output", "`output`"
    )
    assert "writes a folder" in str(run("bace-dmpnn", "--format", "hf").exception)
    assert not (tmp_path / "hub").exists()
