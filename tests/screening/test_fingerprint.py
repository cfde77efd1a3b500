from __future__ import annotations

import hashlib
import os

import pytest

from molq.errors import InputError
from molq.records.input.source import Source
from molq.screening import fingerprint as module
from molq.screening.fingerprint import fingerprint

TEXT = b"smiles\nCC\nCCO"


def test_a_file_is_known_by_its_content_and_its_lines_are_counted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    found = fingerprint(Source(str(path)))
    assert found == (hashlib.sha256(TEXT).hexdigest(), 2)


def test_standard_input_is_not_read_for_it():
    assert fingerprint(Source("-")) == ("", None)


def test_a_large_file_is_known_by_samples_size_and_time(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SAMPLE_BYTES", 16)
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(250)) * 20)
    source, times = Source(str(path)), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    first = fingerprint(source, 1000)
    assert first.n_lines is None
    assert fingerprint(source, 1000) == first
    os.utime(path, ns=(times[0], times[1] + 1))
    assert fingerprint(source, 1000) != first
    for at in (0, 4999):
        changed = bytearray(bytes(range(250)) * 20)
        changed[at] ^= 1
        path.write_bytes(changed)
        os.utime(path, ns=times)
        assert fingerprint(source, 1000) != first


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: No such file"):
        fingerprint(Source(str(tmp_path / "gone.csv")))
