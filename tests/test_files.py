from __future__ import annotations

import errno
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from molq import files
from molq.errors import InputError, OutputError


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    path = tmp_path / "out.csv"
    path.write_text("precious")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_folders_are_made_with_their_parents(tmp_path, taken):
    assert files.make_folder(tmp_path / "a" / "b").is_dir()
    with pytest.raises(OutputError, match="cannot be written"):
        files.make_folder(taken / "b")


@pytest.mark.parametrize("place", ["s3a://bucket/scores", "gcs://b/s", "S3://b/s", "HTTPS://h/s", Path("s3a://b/s")])
def test_what_looks_like_a_url_and_is_none_makes_no_folder_here(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=r":// is not known; write one of s3:// "):
        files.make_folder(place)
    assert names(tmp_path) == []
    (tmp_path / "s3a:").mkdir()
    files.make_folder("s3a:/really")
    assert names(tmp_path / "s3a:") == ["really"]


def test_a_folder_gets_all_its_files_or_none(tmp_path):
    folder = tmp_path / "new" / "folder"

    def fill(content: str, error: Exception | None = None) -> None:
        with files.whole_folder(folder, force=True) as hidden:
            (hidden / "models").mkdir()
            for name in ("a", "models/b"):
                (hidden / name).write_text(content)
            if error is not None:
                raise error

    with pytest.raises(ZeroDivisionError):
        fill("half", ZeroDivisionError())
    assert names(tmp_path) == ["new"]
    assert names(tmp_path / "new") == []
    fill("first")
    (folder / "models" / "mine").write_text("a user's own")
    for error in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")):
        with pytest.raises((KeyboardInterrupt, OutputError)):
            fill("second", error)
    assert (folder / "a").read_text() == (folder / "models" / "b").read_text() == "first"
    fill("third")
    assert (folder / "a").read_text() == (folder / "models" / "b").read_text() == "third"
    assert names(folder) == ["a", "models"]
    assert names(folder / "models") == ["b", "mine"]


def test_messages_name_files_of_a_folder_as_they_will_be_called(tmp_path):
    with (
        pytest.raises(OutputError, match=rf"^{tmp_path}/gone/x cannot be written"),
        files.whole_folder(tmp_path, force=True) as hidden,
    ):
        files.write_whole(hidden / "gone" / "x", b"")
    assert names(tmp_path) == []


def test_letters_that_are_none_are_escaped(tmp_path):
    files.write_whole(tmp_path / "out", "caf\udce9")
    assert (tmp_path / "out").read_text() == "caf\\udce9"


@pytest.mark.parametrize("content", [b"\0\xff\r\n", "Bemis–Murcko\r\nx\n", ""])
def test_what_is_written_is_what_was_given(tmp_path, taken, content):
    for path in (taken, tmp_path / "new"):
        files.write_whole(path, content)
        assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert names(tmp_path) == ["new", "out.csv"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, taken):
    def fill_half() -> None:
        with files.whole_file(taken) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_half()
    assert taken.read_text() == "precious"
    assert names(tmp_path) == ["out.csv"]


def test_a_reader_never_sees_a_half_written_file(tmp_path):
    path, contents = tmp_path / "out", [bytes([65 + i]) * 200_000 for i in range(2)]
    files.write_whole(path, contents[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                files.write_whole(path, content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {path.read_bytes() for _ in range(300)}
    finally:
        stop.set()
        writer.join()
    assert seen <= set(contents)


def test_the_content_is_on_the_disk_before_the_name(tmp_path, monkeypatch):
    order: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("sync"), fsync(fd)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("name"), replace(*paths)))
    files.write_whole(tmp_path / "out", b"x")
    assert order == ["sync", "name", "sync"]


def test_a_link_stays_a_link(tmp_path, taken):
    link = tmp_path / "link.csv"
    link.symlink_to(taken)
    files.write_whole(link, "new")
    assert link.is_symlink()
    assert taken.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="devices and the mask of new files are POSIX")
def test_devices_and_the_mode_of_a_new_file(tmp_path):
    files.write_whole("/dev/null", b"gone")
    before = os.umask(0o027)
    try:
        files.write_whole(tmp_path / "out", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_and_any_other_fault_name_the_output_and_a_remedy(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"out cannot be written \(No space left .*choose another place"):
        files.write_whole(tmp_path / "out", b"x")
    assert names(tmp_path) == []
    with pytest.raises(OutputError, match=r"nowhere.* cannot be written .*choose another place"):
        files.write_whole(tmp_path / "nowhere" / "out", b"x")


def test_a_name_of_the_greatest_length(tmp_path):
    for name in ("n" * 255, "ü" * 127):
        files.write_whole(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"


@pytest.mark.parametrize("links", [True, False])
def test_put_in_place(tmp_path, taken, monkeypatch, links):
    """A name that is taken is not replaced without force, except where the same bytes have it."""

    def refuse(part, path):
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    part = tmp_path / "part"
    part.write_text("whole")
    with pytest.raises(OutputError, match=r"out\.csv appeared meanwhile and is not overwritten; .*`force`"):
        files.put_in_place(part, taken, force=False)
    assert (taken.read_text(), part.read_text()) == ("precious", "whole")
    files.put_in_place(part, tmp_path / "new.csv", force=False)
    part.write_text("whole")
    files.put_in_place(part, tmp_path / "new.csv", force=False)
    assert (tmp_path / "new.csv").read_text() == "whole"
    part.write_text("whole")
    files.put_in_place(part, taken, force=True)
    assert taken.read_text() == "whole"
    assert names(tmp_path) == ["new.csv", "out.csv"]


@pytest.mark.parametrize("force", [False, True])
def test_a_link_stays_one_when_its_file_is_put_in_place(tmp_path, taken, force):
    part, link = tmp_path / "part", tmp_path / "link.csv"
    part.write_text("whole")
    link.symlink_to(taken if force else tmp_path / "new.csv")
    files.put_in_place(part, link, force=force)
    assert link.is_symlink()
    assert link.read_text() == "whole"
    assert not part.exists()


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs a second file system")
@pytest.mark.parametrize("force", [False, True])
def test_a_link_to_another_file_system_is_written_through(tmp_path, force):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        part, link, place = tmp_path / "part", tmp_path / "link.csv", Path(elsewhere) / "out.csv"
        if part.parent.stat().st_dev == place.parent.stat().st_dev:
            pytest.skip("needs a second file system")
        part.write_text("whole")
        if force:
            place.write_text("old")
        link.symlink_to(place)
        files.put_in_place(part, link, force=force)
        assert link.is_symlink()
        assert place.read_text() == "whole"
        assert names(place.parent) == ["out.csv"]
        assert names(tmp_path) == ["link.csv"]


def test_hash(tmp_path, taken):
    expected = hashlib.sha256(b"precious").hexdigest()
    assert files.file_sha256(taken) == expected
    zipped = tmp_path / "out.csv.gz"
    zipped.write_bytes(gzip.compress(b"precious"))
    with gzip.open(zipped) as file:
        assert files.stream_sha256(file) == expected
    with pytest.raises(InputError, match="nothing"):
        files.file_sha256(tmp_path / "nothing")


HOLD = """
import sys
from molq.files import take_lock
lock = take_lock(sys.argv[1], "held")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_by_one_process_and_dies_with_it(tmp_path):
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="somebody writes it"):
            files.take_lock(path, "somebody writes it")
        holder.kill()
    lock = files.take_lock(path, "somebody writes it")
    with pytest.raises(OutputError, match="somebody writes it"):
        files.take_lock(path, "somebody writes it")
    lock.release()
    files.take_lock(path, "somebody writes it").release()


def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path, taken):
    files.require_file(taken, InputError)
    files.require_file(tmp_path / "absent", InputError)
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "a pipe"), (tmp_path, "a directory"), (Path("/dev/zero"), "a device")):
        with pytest.raises(OutputError, match=f"{path}: {kind}, not a file; save what it holds"):
            files.require_file(path, OutputError)
        with pytest.raises(InputError, match=kind):
            files.file_sha256(path)


def test_a_file_that_appears_meanwhile_stays_without_force(tmp_path):
    def write() -> None:
        with files.whole_file(tmp_path / "out", force=False) as file:
            file.write(b"ours")
            (tmp_path / "out").write_text("theirs")

    with pytest.raises(FileExistsError):
        write()
    with pytest.raises(OutputError, match="appeared meanwhile"):
        files.write_whole(tmp_path / "out", b"ours", force=False)
    assert (tmp_path / "out").read_text() == "theirs"
    assert names(tmp_path) == ["out"]
    files.write_whole(tmp_path / "new", b"ours", force=False)
    assert (tmp_path / "new").read_text() == "ours"


def test_a_folder_in_which_a_file_appears_meanwhile_gets_none_of_ours(tmp_path):
    folder = tmp_path / "study"

    def fill() -> None:
        with files.whole_folder(folder, force=False) as hidden:
            (hidden / "a").write_text("ours")
            (hidden / "b").write_text("ours")
            (folder / "b").write_text("theirs")

    with pytest.raises(OutputError, match=r"study/b appeared meanwhile .* all files are in .*study-1$"):
        fill()
    assert names(folder) == ["b"]
    assert (folder / "b").read_text() == "theirs"
    assert {path.name: path.read_text() for path in (tmp_path / "study-1").iterdir()} == {"a": "ours", "b": "ours"}


def test_a_free_name_stands_beside(tmp_path):
    for name in ("m.molq", "m-1.molq"):
        (tmp_path / name).write_text("")
    (tmp_path / "m-2.molq").symlink_to("nowhere")
    assert files.free_name(tmp_path / "m.molq").name == "m-3.molq"
    assert files.free_name(tmp_path / "a.csv.gz").name == "a-1.csv.gz"
