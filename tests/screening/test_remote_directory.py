from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_runs import OnStep
from s3_server import Failures, failing

from molq.errors import InputError, MolqError, OutputError
from molq.files import open_file
from molq.records.input import stream
from molq.records.text import reader as text_reader
from molq.remote import file, filesystem, retrying
from molq.remote.listing import objects_below
from molq.remote.objects import StoreRanges
from molq.remote.writing import delete, put
from molq.screening.identity import Identity
from molq.screening.remote_directory import RemoteDirectory, kept_manifest, remote_directory_of
from molq.screening.settings import Settings

IDENTITY = Identity("1.0", ("aa",), (), Settings())
MANNER = {"workers": 0, "shard_rows": 200, "chunk_rows": 50}
FORMS = {
    "out.csv": {},
    "out.csv.gz": {"threshold": 0.5},
    "out.parquet": {"columns": ("price",)},
    "top.csv": {"top": 20},
}


class StopError(Exception):
    pass


def stop_at(row: int) -> OnStep:
    def act(done: int) -> None:
        if done >= row:
            raise StopError

    return OnStep(act)


def content(url: str) -> bytes:
    with open_file(url) as file:
        return file.read()


@pytest.fixture
def remote_library(library, bucket) -> str:
    put(library.read_bytes(), f"{bucket}/library.csv")
    return f"{bucket}/library.csv"


@pytest.mark.parametrize("name", FORMS)
def test_interrupted_and_resumed_on_another_machine_gives_the_bytes_of_a_local_run(
    fake_screen, library, remote_library, bucket, tmp_path, name
):
    options = FORMS[name] | MANNER
    local = fake_screen(library, tmp_path / name, **options)
    with pytest.raises(StopError):
        fake_screen(remote_library, f"{bucket}/{name}", progress=stop_at(700), **options)
    assert not any(url.endswith((".csv", ".gz")) and "molq-run" not in url for url in objects_below(f"{bucket}/out"))
    with pytest.raises(OutputError, match=r"out|top.*\.molq-run: an unfinished run; continue it with `resume`"):
        fake_screen(remote_library, f"{bucket}/{name}", **options)
    found = fake_screen(remote_library, f"{bucket}/{name}", resume=True, **options)
    assert found.resumed_rows == 600
    assert (found.rows, found.rejected) == (1500, 15)
    assert len(found.outputs) == len(local.outputs)
    for url, path in zip(found.outputs, local.outputs, strict=True):
        assert url.startswith(bucket)
        assert content(url) == Path(path).read_bytes()
    assert objects_below(bucket) == sorted([remote_library, *found.outputs])


def test_a_local_library_goes_to_a_store_and_a_remote_one_comes_here(
    fake_screen, library, remote_library, bucket, tmp_path
):
    here, there = tmp_path / "here.csv", f"{bucket}/there.csv"
    fake_screen(library, there, **MANNER)
    fake_screen(Path(remote_library), here, **MANNER)
    assert content(there) == here.read_bytes()


def test_outputs_are_not_overwritten(fake_screen, remote_library, bucket):
    put(b"mine", f"{bucket}/out.csv")
    with pytest.raises(OutputError, match=rf"{bucket}/out\.csv exists already.*`force`"):
        fake_screen(remote_library, f"{bucket}/out.csv", **MANNER)
    with pytest.raises(OutputError, match="is an input and is not overwritten"):
        fake_screen(remote_library, remote_library, force=True, **MANNER)
    assert content(f"{bucket}/out.csv") == b"mine"
    fake_screen(remote_library, f"{bucket}/out.csv", force=True, **MANNER)
    assert content(f"{bucket}/out.csv").startswith(b"smiles,")


def test_a_library_that_changed_is_noticed(fake_screen, library, remote_library, bucket):
    out = f"{bucket}/out.csv"
    with pytest.raises(StopError):
        fake_screen(remote_library, out, progress=stop_at(300), **MANNER)
    put(library.read_bytes().replace(b"M7,", b"M0,"), remote_library)
    with pytest.raises(OutputError, match=r"cannot be resumed: the input has changed \(library\.csv\)"):
        fake_screen(remote_library, out, resume=True, **MANNER)

    def change(done: int) -> None:
        put(library.read_bytes() + b"CC,new,0\n", remote_library)

    with pytest.raises(InputError, match=r"library\.csv was changed while it was read"):
        fake_screen(remote_library, out, force=True, progress=OnStep(change), **MANNER)


def test_two_runs_of_one_output_are_noticed(bucket):
    output = Path(f"{bucket}/out.csv")
    first = RemoteDirectory(output, IDENTITY, resume=False, force=False)
    first.done.rows = 10
    first.save()
    second = RemoteDirectory(output, IDENTITY, resume=True, force=False)
    with pytest.raises(OutputError, match="taken up by another run"):
        first.save()
    first.close()
    second.save()
    second.remove()
    assert objects_below(bucket) == []


def test_nothing_is_left_of_a_run_without_a_shard(bucket):
    directory = RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=False, force=False)
    assert objects_below(bucket)
    directory.close()
    assert objects_below(bucket) == []
    assert not directory.path.exists()


def unfinished(bucket: str) -> str:
    directory = RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=False, force=False)
    for size in (5, 9):
        (directory.path / "part").write_bytes(b"123456789"[:size])
        (directory.path / f"best-{size}").write_bytes(b"state")
        if size == 9:
            (directory.path / "best-5").unlink()
        directory.done.rows = size
        directory.save()
    directory.close()
    return remote_directory_of(Path(f"{bucket}/out.csv"))


def test_what_a_crash_left_after_the_last_shard_is_not_taken(bucket):
    folder = unfinished(bucket)
    assert not [url for url in objects_below(folder) if "best-5@" in url]
    put(b"more", f"{folder}/part@{9:020d}")
    put(b"6789, and more", f"{folder}/part@{5:020d}")
    directory = RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=True, force=False)
    assert (directory.path / "part").read_bytes() == b"123456789"
    assert {path.name for path in directory.path.iterdir()} == {"part", "best-9"}
    directory.close()


def test_a_piece_that_is_gone_or_a_manifest_that_was_altered_ends_it(bucket):
    folder = unfinished(bucket)
    delete(f"{folder}/part@{5:020d}")
    with pytest.raises(OutputError, match="a piece of part is missing; start over with `force`"):
        RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=True, force=False)
    kept = json.loads(content(f"{folder}/manifest.json"))
    kept["manifest"]["done"]["rows"] = 8
    put(json.dumps(kept).encode(), f"{folder}/manifest.json")
    with pytest.raises(OutputError, match="manifest is damaged"):
        RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=True, force=False)
    RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=False, force=True).remove()
    assert kept_manifest(folder) is None


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "..", "a/b", "", ".part"])
def test_a_manifest_that_names_files_of_other_folders_is_damaged(bucket, name):
    folder = unfinished(bucket)
    kept = json.loads(content(f"{folder}/manifest.json"))
    put(json.dumps({**kept, "sizes": {name: 0}}).encode(), f"{folder}/manifest.json")
    with pytest.raises(OutputError, match=r"is the name of no file of a run.*start over with `force`"):
        RemoteDirectory(Path(f"{bucket}/out.csv"), IDENTITY, resume=True, force=False)


def test_no_secret_is_stored(fake_screen, library, bucket):
    """The manifest of an unfinished run holds names and hashes of what was read, not how it was reached."""
    url = bucket.replace("s3://", "s3://AKIAMOLQTEST:a-secret-of-the-tests@")
    put(library.read_bytes(), f"{bucket}/library.csv")
    with pytest.raises(StopError):
        fake_screen(f"{url}/library.csv", f"{url}/out.csv", progress=stop_at(700), **MANNER)
    for object_url in objects_below(f"{bucket}/out.csv.molq-run"):
        assert b"a-secret" not in content(object_url)
        assert b"AKIA" not in content(object_url)
    found = fake_screen(f"{url}/library.csv", f"{url}/out.csv", resume=True, **MANNER)
    assert "secret" not in str(found.outputs)


def test_a_store_that_fails_gives_the_same_bytes(
    fake_screen, library, remote_library, bucket, endpoint, tmp_path, monkeypatch
):
    """One request in ten fails, in every way; what no server has told of is asked for once more."""
    monkeypatch.setattr(filesystem, "_ANSWER_S", 0.5)
    fake_screen(library, tmp_path / "out.csv", **MANNER)
    failures = Failures(rate=0.1, seed=3, silence_s=1.0)
    with failing(endpoint, failures) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy)
        fake_screen(remote_library, f"{bucket}/out.csv", **MANNER)
    assert failures.failed.total() >= 5
    assert content(f"{bucket}/out.csv") == (tmp_path / "out.csv").read_bytes()
    assert objects_below(bucket) == [remote_library, f"{bucket}/out.csv"]


def test_credentials_that_expire_leave_a_run_that_goes_on(fake_screen, library, remote_library, tmp_path, monkeypatch):
    for module, name in ((stream, "_BUFFER_BYTES"), (text_reader, "_BLOCK_BYTES"), (file, "_LEAST_BYTES")):
        monkeypatch.setattr(module, name, 4096)
    monkeypatch.setattr(file, "_MOST_BYTES", 4096)

    def refuse(ranges: StoreRanges, start: int, stop: int) -> bytes:
        raise PermissionError(13, "the store refuses access")

    out = tmp_path / "out.csv"
    with monkeypatch.context() as expired:
        expire = OnStep(lambda done: done >= 600 and expired.setattr(StoreRanges, "fetch", refuse))
        with pytest.raises(InputError, match=r"library\.csv: cannot be read.*refuses access.*continue with `resume`"):
            fake_screen(remote_library, out, progress=expire, **MANNER)
    assert fake_screen(remote_library, out, resume=True, **MANNER).resumed_rows >= 600
    fake_screen(library, tmp_path / "expected.csv", **MANNER)
    assert out.read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_a_store_that_falls_silent_leaves_a_run_that_goes_on(
    fake_screen, library, remote_library, bucket, endpoint, tmp_path, monkeypatch
):
    monkeypatch.setattr(filesystem, "_ATTEMPTS", 1)
    monkeypatch.setattr(retrying, "ATTEMPTS", 2)
    fake_screen(library, tmp_path / "out.csv", **MANNER)
    failures = Failures(kinds=("503",))

    def fail(done: int) -> None:
        failures.rate = 1.0 if done > 600 else 0.0

    with failing(endpoint, failures) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy)
        with pytest.raises(MolqError, match=r"HTTP status 503.*continue with `resume`"):
            fake_screen(remote_library, f"{bucket}/out.csv", progress=OnStep(fail), **MANNER)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert fake_screen(remote_library, f"{bucket}/out.csv", resume=True, **MANNER).resumed_rows == 600
    assert content(f"{bucket}/out.csv") == (tmp_path / "out.csv").read_bytes()
