"""README.md and docs/commands.md say what is so: commands exist and run as pasted, numbers are those of the demo."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from typer.testing import CliRunner

from molq.cli.main import app
from molq.results.study import read_study

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def script(path: str) -> ModuleType:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shell_lines(text: str) -> list[str]:
    """Lines of the ```sh blocks."""
    return [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]


def test_every_command_and_option_is_documented():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    commands = list(script("docs/make_commands.py").commands(typer.main.get_command(app), "molq"))
    assert len(commands) > 10
    for words, command in commands:
        section = re.search(rf"^## {re.escape(words)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        assert section, f"docs/commands.md lacks {words}; run python docs/make_commands.py"
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert f"`{parameter.opts[0]}" in section[1], f"{words} {parameter.opts[0]} is not documented"


def test_the_document_of_commands_is_what_its_script_writes():
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert script("docs/make_commands.py").commands_md() == written, "run python docs/make_commands.py"


def test_every_command_says_what_each_option_does():
    for words, command in script("docs/make_commands.py").commands(typer.main.get_command(app), "molq"):
        assert command.help, words
        for parameter in command.params:
            assert parameter.help, f"{words} {parameter.name}"


def test_the_readme_names_no_command_that_is_not_there():
    known = {words for words, _ in script("docs/make_commands.py").commands(typer.main.get_command(app), "molq")}
    fenced = "\n".join(re.findall(r"^```\w+\n(.*?)^```", README, re.M | re.S))
    command = r"(molq \w[\w-]*(?: \w[\w-]*)?)"
    named = re.findall(rf"^(?:\$ )?{command}", fenced, re.M) + re.findall(f"`{command}", README)
    assert len(named) >= 10
    for words in named:
        assert words in known or words.rpartition(" ")[0] in known, words


def test_the_numbers_of_the_readme_are_those_of_the_demo():
    bench = script("bench/readme.py")
    study = read_study(bench.RESULTS.read_text(encoding="utf-8"), "docs/demo-results.json")
    assert bench.with_block(README, bench.block(study)) == README, "run python bench/readme.py after make demo"
    for name, svg in bench.figures(study).items():
        assert (ROOT / "docs" / "img" / name).read_text(encoding="utf-8") == svg


DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_row_of_a_table_has_the_cells_of_its_header(path):
    """An unescaped | in a cell tears a row apart, in code too."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(cells) == 1, table


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_section_is_empty(path):
    text = re.sub(r"^```.*?^```", "code", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert not re.search(r"<!-- bench \S+ -->\s*<!-- end -->", text)
    sections = re.split(r"^(#+) .*\n", text, flags=re.M)[1:]
    for level, body, deeper in zip(sections[::2], sections[1::2], [*sections[2::2], ""], strict=True):
        assert body.strip() or len(deeper) > len(level), f"an empty section in {path.name}"


@pytest.mark.slow
def test_the_tour_of_the_readme_works_as_pasted(tmp_path, monkeypatch):
    lines = shell_lines(README)
    assert len(lines) >= 10
    for name in ("models", "datasets"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    for line in lines:
        program, *words = shlex.split(line)
        if program == "source":
            assert words == [".venv/bin/activate"]
            continue
        if program == "mkdir":
            Path(words[-1]).mkdir(parents=True)
            continue
        if program == "printf":
            subprocess.run(line, shell=True, check=True)
            continue
        assert program == "molq"
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
    assert (tmp_path / "demo" / "tour" / "esol" / "report.html").exists()
