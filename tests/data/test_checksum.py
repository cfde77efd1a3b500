from __future__ import annotations

import gzip
import hashlib

import pytest

from molq.data.checksum import content_sha256
from molq.errors import DatasetError

CONTENT = b"smiles,active\n" + b"CCO,1\n" * 1000


def test_plain_and_gzipped_copies_have_one_checksum(tmp_path):
    (tmp_path / "a.csv").write_bytes(CONTENT)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CONTENT, mtime=1))
    expected = hashlib.sha256(CONTENT).hexdigest()
    assert content_sha256(tmp_path / "a.csv") == content_sha256(tmp_path / "a.csv.gz") == expected


@pytest.mark.parametrize("damage", [lambda b: b[:40], lambda b: b"plain text", lambda b: b[:30] + b"\xff" * 8 + b[38:]])
def test_a_damaged_gzip_is_named(tmp_path, damage):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(damage(gzip.compress(CONTENT)))
    with pytest.raises(DatasetError, match=r"a\.csv\.gz cannot be read to its end"):
        content_sha256(path)
