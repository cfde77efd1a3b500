from __future__ import annotations

import os
import subprocess
import sys

import pytest

from molq.cli import completion

_SAY_MODULES = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr));"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "bits.csv").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "[x].smi").touch()
    monkeypatch.chdir(tmp_path)


def complete(shell: str, line: str) -> subprocess.CompletedProcess[str]:
    """What molq answers a shell that asks how ``line`` goes on; every module it imported on stderr."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "_MOLQ_COMPLETE": f"complete_{shell}",
    }
    environment |= {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_TYPER_COMPLETE_ARGS": line}
    code = f"{_SAY_MODULES} sys.argv = ['molq']; from molq.cli.main import app; app(prog_name='molq')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


def test_models_molecules_and_files(folder):
    assert completion.models("b") == ["bace-dmpnn", "bin/", "bits.csv"]
    assert completion.molecules("b") == ["bace", "bbbp", "bin/", "bits.csv"]
    assert completion.models_and_molecules("bac") == ["bace-dmpnn", "bace"]
    assert completion.datasets("b") == ["bace", "bbbp"]
    assert completion.models("[") == ["[x].smi"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_is_answered_without_loading_torch_or_rdkit(shell):
    done = complete(shell, "molq screen bace-d")
    assert "bace-dmpnn" in done.stdout
    loaded = set(done.stderr.split())
    assert not loaded & {"torch", "rdkit", "numpy", "rich.progress", "molq.store.molqfile"}


def test_commands_and_options_are_completed():
    assert complete("bash", "molq calib").stdout.split() == ["calibset"]
    assert "--smiles-column" in complete("bash", "molq screen --smi").stdout
    assert complete("bash", "molq data info tox").stdout.split() == ["tox21"]


@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_completion_can_be_shown_and_installed(option, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": str(tmp_path)}
    code = "import sys; from molq.cli.main import app; sys.argv = ['molq', *sys.argv[1:]]; app(prog_name='molq')"
    command = [sys.executable, "-c", code, option]
    done = subprocess.run(
        ["bash", "-c", '"$@"; exit $?', "bash", *command], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "_MOLQ_COMPLETE=complete_bash" in (done.stdout if option == "--show-completion" else written)
