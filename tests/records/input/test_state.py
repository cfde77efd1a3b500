from __future__ import annotations

import os

import pytest

from molq.records.input.source import Source
from molq.records.input.state import state_of


def rewrite(path):
    path.write_bytes(b"other")


def truncate(path):
    os.truncate(path, 3)


def touch(path):
    os.utime(path)


def replace(path):
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    (path.parent / "b").write_bytes(b"other")
    os.utime(path.parent / "b", ns=times)
    (path.parent / "b").replace(path)


@pytest.mark.parametrize("change", [rewrite, truncate, touch, replace, os.unlink])
def test_a_change_is_seen(tmp_path, change):
    path = tmp_path / "a"
    path.write_bytes(b"first")
    os.utime(path, ns=(1, 1))
    before = state_of(Source(str(path)))
    assert before is not None
    path.read_bytes()
    path.chmod(0o400)
    path.chmod(0o600)
    assert state_of(Source(str(path))) == before
    change(path)
    assert state_of(Source(str(path))) != before


def test_what_is_no_file_has_none():
    assert state_of(Source("-")) is None
    assert state_of(Source("name", data=b"x")) is None
