from __future__ import annotations

import io
import random

from molq.remote import file as module
from molq.remote.file import RemoteFile
from molq.remote.ranges import ObjectState

CONTENT = random.Random(0).randbytes(700_000)


class Recorded:
    """Bytes at hand, and what was asked of them."""

    def __init__(self) -> None:
        self.state = ObjectState("", len(CONTENT), "")
        self.asked: list[tuple[int, int]] = []

    def fetch(self, start: int, stop: int) -> bytes:
        assert 0 <= start < stop <= len(CONTENT)
        self.asked.append((start, stop))
        return CONTENT[start:stop]

    def close(self) -> None:
        self.asked = []


def test_reads_what_a_file_in_memory_reads():
    remote, local = RemoteFile("s3://b/k", Recorded()), io.BytesIO(CONTENT)
    dice = random.Random(1)
    for _ in range(300):
        if dice.random() < 0.3:
            offset, whence = dice.choice([(dice.randrange(800_000), 0), (dice.randrange(9000), 1), (-999, 2)])
            assert remote.seek(offset, whence) == local.seek(offset, whence)
        size = dice.choice([0, 1, 100, 70_000, 200_000])
        assert remote.read(size) == local.read(size)
        assert remote.tell() == min(local.tell(), max(remote.tell(), len(CONTENT))) or remote.tell() > len(CONTENT)
    remote.seek(5)
    assert remote.read() == CONTENT[5:]
    buffer = bytearray(10)
    remote.seek(0)
    assert remote.readinto(buffer) == 10
    assert bytes(buffer) == CONTENT[:10]


def test_asks_for_more_at_once_where_bytes_are_read_in_order():
    ranges = Recorded()
    remote = RemoteFile("s3://b/k", ranges)
    while remote.read(1000):
        pass
    lengths = [stop - start for start, stop in ranges.asked]
    assert lengths[:3] == [1 << 16, 1 << 17, 1 << 18]
    assert sum(lengths) == len(CONTENT)


def test_asks_once_for_what_is_read_twice(monkeypatch):
    ranges = Recorded()
    remote = RemoteFile("s3://b/k", ranges)
    for _ in range(2):
        remote.seek(300_000)
        assert remote.read(100_000) == CONTENT[300_000:400_000]
    assert ranges.asked == [(300_000, 400_000)]
    monkeypatch.setattr(module, "_KEPT_BYTES", 1000)
    remote.seek(0)
    remote.read(10)
    remote.seek(300_000)
    remote.read(10)
    assert len(ranges.asked) == 3
