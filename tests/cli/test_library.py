from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import InputError


@pytest.fixture
def library(tmp_path) -> Path:
    path = tmp_path / "library.smi"
    path.write_text("".join(f"{'C' * (1 + i % 20)}O M{i}\n" for i in range(200)) + "C( broken\n")
    return path


def molq(*arguments: object):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_build_info_verify(library, tmp_path):
    path = tmp_path / "library.molqlib"
    built = molq("library", "build", library, "-o", path, "--workers", 1)
    assert built.exit_code == 0, built.output
    assert "201 rows = 200 scored + 1 rejected" not in built.stderr
    assert "201 rows = 200 packed + 1 rejected" in built.stderr
    facts = json.loads(molq("library", "info", path, "--json").stdout)
    assert (facts["rows"], facts["molecules"], facts["rejected"]) == (201, 200, 1)
    assert facts["size_bytes"] == path.stat().st_size
    assert facts["sources"] == ["library.smi"]
    assert "rows" in molq("library", "info", path).stdout
    verified = molq("library", "verify", path, "--parse")
    assert "sound, 201 rows, 1 of them rejected; 200 SMILES parsed again" in verified.stdout


def test_existing_library_needs_force(library, tmp_path):
    path = tmp_path / "library.molqlib"
    assert molq("library", "build", library, "-o", path, "--workers", 1).exit_code == 0
    again = molq("library", "build", library, "-o", path, "--workers", 1)
    assert again.exit_code == 1
    assert molq("library", "build", library, "-o", path, "--workers", 1, "--force").exit_code == 0


@pytest.mark.parametrize("command", ["info", "verify"])
def test_something_else_is_an_error_that_says_what_it_is(library, command):
    for path, why in (
        (library, "not a readable prepared library"),
        (library.parent / "none.molqlib", "no such file"),
        (library.parent, "is a directory"),
    ):
        result = molq("library", command, path)
        assert isinstance(result.exception, InputError)
        assert why in str(result.exception)
