from __future__ import annotations

import pytest

from molq.remote.objects import StoreRanges
from molq.remote.retrying import RemoteChangedError
from molq.remote.writing import put


def test_bytes_from_anywhere_and_the_state_of_all(bucket):
    content = bytes(range(256)) * 1000
    put(content, f"{bucket}/a")
    found = StoreRanges(f"{bucket}/a")
    assert found.state.size_bytes == len(content)
    assert found.state.etag
    assert found.fetch(1000, 70_000) == content[1000:70_000]
    assert StoreRanges(f"{bucket}/a").state == found.state
    put(content[::-1], f"{bucket}/a")
    assert StoreRanges(f"{bucket}/a").state != found.state
    put(b"short", f"{bucket}/a")
    with pytest.raises(RemoteChangedError):
        found.fetch(1000, 70_000)


def test_what_is_not_there(bucket):
    with pytest.raises(FileNotFoundError, match="no such object"):
        StoreRanges(f"{bucket}/a")
