from __future__ import annotations

from molq.remote.objects import StoreRanges
from molq.remote.opened import ranges_of, state_at
from molq.remote.writing import put


def test_what_lies_where(bucket):
    assert state_at(f"{bucket}/a/b") is None
    put(b"12345", f"{bucket}/a/b")
    state = state_at(f"{bucket}/a/b")
    assert state is not None
    assert state.size_bytes == 5
    assert state_at(f"{bucket}/a") is None
    assert isinstance(ranges_of(f"{bucket}/a/b"), StoreRanges)
