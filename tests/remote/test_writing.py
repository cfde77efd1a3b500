from __future__ import annotations

import gc
import io
import re

import pytest

from molq.files import open_file
from molq.remote.listing import exists
from molq.remote.retrying import RemoteRefusedError
from molq.remote.writing import delete, put, upload


class Interrupted(io.BytesIO):
    """A file at whose third read somebody presses Ctrl-C, or the disk fails."""

    def __init__(self, error: type[BaseException]) -> None:
        super().__init__(bytes(30 << 20))
        self._error, self._n_reads = error, 0

    def read(self, size: int | None = -1) -> bytes:
        self._n_reads += 1
        if self._n_reads == 3:
            raise self._error
        return super().read(size)


def test_what_is_written_is_read(bucket):
    for name, size in (("a", 0), ("a", 1), ("a", 12 << 20), ("a.csv.gz", 1000)):
        content = bytes(reversed(range(256))) * (size // 256) + b"x" * (size % 256)
        put(content, f"{bucket}/{name}")
        with open_file(f"{bucket}/{name}") as file:
            assert file.read() == content
        delete(f"{bucket}/{name}")
        delete(f"{bucket}/{name}")
        assert not exists(f"{bucket}/{name}")


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_is_broken_off_is_not_there(bucket, error):
    """pyarrow ends a stream that is let go of, and half an object would look whole."""
    with pytest.raises(error):
        upload(Interrupted(error), f"{bucket}/a", force=True)
    gc.collect()
    assert not exists(f"{bucket}/a")


def test_nothing_is_overwritten_without_leave(bucket):
    put(b"first", f"{bucket}/a")
    with pytest.raises(FileExistsError):
        put(b"second", f"{bucket}/a", force=False)
    assert open_file(f"{bucket}/a").read() == b"first"


def test_the_web_is_not_written_to():
    with pytest.raises(RemoteRefusedError, match="only read from"):
        put(b"x", "https://server/a")


@pytest.fixture
def seen_at_once(tmp_path, monkeypatch) -> None:
    """A local file system stands for stores where what is being written has its name already, hdfs and az."""
    from pyarrow.fs import LocalFileSystem

    from molq.remote import listing, writing
    from molq.remote.filesystem import Located

    def place(url: str) -> Located:
        return Located(LocalFileSystem(), re.sub("(hdfs|az)://node", str(tmp_path), url))

    monkeypatch.setattr(writing, "located", place)
    monkeypatch.setattr(listing, "located", place)


@pytest.mark.usefixtures("seen_at_once")
def test_in_azure_the_empty_object_that_is_ours_is_no_obstacle(tmp_path):
    put(b"content", "az://node/a.csv", force=False)
    with pytest.raises(FileExistsError):
        put(b"other", "az://node/a.csv", force=False)
    assert (tmp_path / "a.csv").read_bytes() == b"content"
    with pytest.raises(KeyboardInterrupt):
        upload(Interrupted(KeyboardInterrupt), "az://node/b.csv", force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.usefixtures("seen_at_once")
def test_hdfs_gives_the_name_at_the_end(tmp_path):
    """What is written stands beside, and is moved."""
    put(b"content", "hdfs://node/a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(KeyboardInterrupt):
        upload(Interrupted(KeyboardInterrupt), "hdfs://node/b.csv", force=True)
    assert not (tmp_path / "b.csv").exists()
