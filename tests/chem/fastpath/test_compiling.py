"""A first run reads with RDKit until the fast path is compiled, to the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from molq.chem.fastpath import compiling
from molq.chem.featurize import Featurizer
from molq.chem.packed import PackedGraphs

SMILES = ["CCO", "C[C@H](N)C(=O)O", "c1ccccc1C=C", "C(", "F/C=C/F"]


def process(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiling, "mark_of", lambda module: tmp_path / "mark")
    return tmp_path / "mark"


def test_it_is_over_when_the_mark_is_there_and_one_process_makes_it(
    mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = [process("import sys; sys.stdin.read()")]
    monkeypatch.setattr(compiling, "_started", lambda: started.pop())
    compilation = compiling.Compilation()
    assert [compilation.is_over() for _ in range(3)] == [False] * 3
    mark.touch()
    assert compilation.is_over()
    assert compilation._process is not None
    compilation._process.communicate()


def test_it_is_over_when_the_process_failed(mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_started", lambda: process("raise SystemExit(1)"))
    compilation = compiling.Compilation()
    compilation.is_over()
    assert compilation._process is not None
    compilation._process.communicate()
    assert compilation.is_over()
    compilation._pid += 1  # as in a process forked later, which cannot wait for it
    assert not compilation.is_over()


def test_nothing_is_waited_for_where_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "mark_of", lambda module: None)
    assert compiling.Compilation().is_over()


def test_until_then_rdkit_reads_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Featurizer(audit_rate=1.0)
    expected = usual.featurize(SMILES)
    assert usual.n_audited == 4
    waiting = compiling.Compilation()
    monkeypatch.setattr(waiting, "is_over", lambda: False)
    monkeypatch.setattr("molq.chem.featurize.compilation", lambda: waiting)
    meanwhile = Featurizer(audit_rate=1.0)
    found = meanwhile.featurize(SMILES)
    assert meanwhile.n_audited == 0
    assert found.rejected == expected.rejected
    for name in PackedGraphs._fields:
        assert np.array_equal(getattr(found.graphs, name), getattr(expected.graphs, name))


FIRST_RUN = """
import sys
import time
from molq.chem.featurize import Featurizer
from molq.chem.fastpath.compiling import compilation

featurizer = Featurizer(audit_rate=1.0)
featurizer.featurize(["CCO"])
print(featurizer.n_audited)
until = time.monotonic() + 500
while not compilation().is_over() and time.monotonic() < until:
    time.sleep(0.2)
featurizer.featurize(["CCO"])
print(featurizer.n_audited)
"""


@pytest.mark.slow
def test_a_new_installation_compiles_beside_its_first_run(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_CACHE_DIR": str(tmp_path)}
    for expected in (["0", "1"], ["1", "2"]):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_RUN], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == expected
        assert done.stderr == ""
