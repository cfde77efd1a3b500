from __future__ import annotations

import json
import shutil

import pytest

from molq.errors import OutputError
from molq.files import take_lock
from molq.screening.identity import Identity
from molq.screening.output.format import Finished
from molq.screening.run_directory import RunDirectory, Tally, run_directory_of
from molq.screening.settings import Settings

IDENTITY = Identity("1.0", ("aa",), (), Settings())


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.csv"


def unfinished(output) -> Tally:
    """Leaves a run of which one shard is done."""
    directory = RunDirectory(output, IDENTITY, resume=False, force=False)
    directory.done.rows, directory.done.scored, directory.done.mark = 10, 9, 77
    directory.done.reasons["no"] = 1
    directory.save()
    (directory.path / "part").write_text("half")
    directory.close()
    return directory.done


def test_a_run_goes_on_where_it_was(output):
    done = unfinished(output)
    directory = RunDirectory(output, IDENTITY, resume=True, force=False)
    assert directory.done == done
    assert directory.done.rejected == 1
    assert (directory.path / "part").exists()
    directory.remove()
    assert not run_directory_of(output).exists()


def test_an_unfinished_run_is_kept_until_somebody_decides(output):
    unfinished(output)
    with pytest.raises(OutputError, match=r"out\.csv\.molq-run: an unfinished run; .*`resume`.*`force`"):
        RunDirectory(output, IDENTITY, resume=False, force=False)
    directory = RunDirectory(output, IDENTITY, resume=False, force=True)
    assert directory.done == Tally()
    assert not (directory.path / "part").exists()
    directory.close()


def test_nothing_is_left_of_a_run_without_a_shard(output):
    directory = RunDirectory(output, IDENTITY, resume=False, force=False)
    assert run_directory_of(output).exists()
    directory.close()
    assert not run_directory_of(output).exists()


def test_one_writer_at_a_time(output):
    directory = RunDirectory(output, IDENTITY, resume=False, force=False)
    for options in ({"resume": True, "force": False}, {"resume": False, "force": True}):
        with pytest.raises(OutputError, match="another molq process is writing this output"):
            RunDirectory(output, IDENTITY, **options)
    directory.close()
    RunDirectory(output, IDENTITY, resume=False, force=False).close()


def test_a_refused_writer_leaves_the_run_alone(output):
    done = unfinished(output)
    lock = take_lock(run_directory_of(output) / "lock", "held")
    with pytest.raises(OutputError, match="another molq process"):
        RunDirectory(output, IDENTITY, resume=False, force=True)
    lock.release()
    directory = RunDirectory(output, IDENTITY, resume=True, force=False)
    assert directory.done == done
    directory.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:50],
        lambda text: b"",
        lambda text: b"[]",
        lambda text: text.replace(b'"rows":10', b'"rows":"10"'),
        lambda text: text.replace(b'"rows":10', b'"rows":10,"cows":1'),
        lambda text: text.replace(b'"mark":77,', b'"mark":null,'),
    ],
)
def test_a_manifest_that_is_none_is_an_error_and_not_a_guess(output, change):
    unfinished(output)
    manifest = run_directory_of(output) / "manifest.json"
    changed = change(manifest.read_bytes())
    assert changed != manifest.read_bytes()
    manifest.write_bytes(changed)
    with pytest.raises(OutputError, match=r"the manifest is damaged or of another molq; start over with `force`"):
        RunDirectory(output, IDENTITY, resume=True, force=False)


def test_another_run_does_not_go_on_here(output):
    unfinished(output)
    other = Identity("1.0", ("bb",), (), Settings())
    with pytest.raises(OutputError, match=r"cannot be resumed: the model has changed; start over with `force`"):
        RunDirectory(output, other, resume=True, force=False)


def test_the_manifest_says_what_is_done(output):
    unfinished(output)
    found = json.loads((run_directory_of(output) / "manifest.json").read_text())
    assert found["done"]["rows"] == 10
    assert found["run"]["models"] == ["aa"]


def test_a_place_that_cannot_be_written_is_named(output):
    output = output.with_name("n" * 250 + ".csv")
    with pytest.raises(OutputError, match=r"molq-run cannot be written .*`resume`"):
        RunDirectory(output, IDENTITY, resume=False, force=False)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


OWN_NAMES = ("manifest.json", "lock", "part", "whole.parquet", "notes.txt", "deep/part")


def fill(folder):
    for name in OWN_NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a user's own")
    return contents(folder)


@pytest.mark.parametrize("options", [{"resume": resume, "force": not resume} for resume in (False, True)])
@pytest.mark.parametrize("kind", ["directory", "link", "link to a run", "file", "dangling link"])
def test_what_molq_did_not_make_is_refused_and_not_touched(output, tmp_path, kind, options):
    path, other = run_directory_of(output), tmp_path / "other"
    before = {}
    if kind == "directory":
        before = fill(path)
    elif kind == "file":
        path.write_text("a user's own")
    else:
        if kind == "link":
            before = fill(other)
        if kind == "link to a run":
            unfinished(tmp_path / "other.csv")
            run_directory_of(tmp_path / "other.csv").rename(other)
            before = contents(other)
        path.symlink_to(other)
    with pytest.raises(OutputError, match=r"out\.csv\.molq-run is no folder that molq made, .*choose another output"):
        RunDirectory(output, IDENTITY, **options)
    assert path.is_symlink() is ("link" in kind)
    if before:
        assert contents(path) == before
    if kind == "file":
        assert path.read_text() == "a user's own"
    if kind == "dangling link":
        assert not other.exists()


@pytest.mark.parametrize("name", ["part", "manifest.json", "lock", "shard-00000000.parquet"])
def test_a_link_in_the_directory_is_not_followed(output, tmp_path, name):
    unfinished(output)
    precious = tmp_path / "precious"
    precious.write_text("a user's own")
    path = run_directory_of(output) / name
    path.unlink(missing_ok=True)
    path.symlink_to(precious)
    for options in ({"resume": True, "force": False}, {"resume": False, "force": True}):
        with pytest.raises(OutputError, match=f"{name} is a link, which molq does not follow"):
            RunDirectory(output, IDENTITY, **options)
    assert precious.read_text() == "a user's own"
    assert path.is_symlink()


def test_what_a_user_put_beside_the_files_of_a_run_stays(output):
    note = run_directory_of(output) / "notes.txt"
    for options in ({"resume": False, "force": True}, {"resume": True, "force": False}):
        unfinished(output)
        note.write_text("a user's own")
        RunDirectory(output, IDENTITY, **options).remove()
        assert contents(run_directory_of(output)) == {note.relative_to(note.parent): b"a user's own"}
        with pytest.raises(OutputError, match="no folder that molq made"):
            RunDirectory(output, IDENTITY, resume=False, force=True)
        note.unlink()


def test_a_removal_that_was_broken_off_is_in_nobodys_way(output, monkeypatch):
    unlink, n_left = type(output).unlink, [0]

    def broken(path, missing_ok=False):
        if n_left[0] == 0:
            raise OSError
        n_left[0] -= 1
        unlink(path, missing_ok=missing_ok)

    for n in range(5):
        with monkeypatch.context() as patch:
            directory = RunDirectory(output, IDENTITY, resume=False, force=True)
            (directory.path / "part").write_text("half")
            n_left[0] = n
            patch.setattr(type(output), "unlink", broken)
            directory.remove()
    RunDirectory(output, IDENTITY, resume=False, force=n == 0).remove()
    assert not run_directory_of(output).exists()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_run_whose_directory_is_gone_ends_and_leaves_alone_what_took_its_place(output, replaced):
    first = RunDirectory(output, IDENTITY, resume=False, force=False)
    first.done.rows = 5
    shutil.rmtree(first.path)
    if replaced:
        second = RunDirectory(output, IDENTITY, resume=False, force=False)
        (second.path / "part").write_text("of the second")
        before = (second.path / "manifest.json").read_bytes()
    for act in (first.check, first.save, lambda: first.put_in_place(Finished(first.path / "part", output))):
        with pytest.raises(OutputError, match=r"molq-run was removed or replaced while this run went on"):
            act()
    first.remove()
    first.close()
    assert not output.exists()
    assert run_directory_of(output).exists() is replaced
    if replaced:
        assert (second.path / "manifest.json").read_bytes() == before
        second.save()
        second.put_in_place(Finished(second.path / "part", output))
        assert output.read_text() == "of the second"
        second.close()


def scored(output, *, force: bool) -> None:
    """Leaves a run of which only the output is to be put in place."""
    directory = RunDirectory(output, IDENTITY, resume=False, force=force)
    directory.done.rows, directory.done.complete = 10, True
    directory.save()
    (directory.path / "part").write_text("whole")
    directory.close()


def test_a_run_that_has_scored_every_row_is_brought_to_its_end_without_a_word(output):
    scored(output, force=False)
    directory = RunDirectory(output, IDENTITY, resume=False, force=False)
    assert directory.done.complete
    finished = Finished(directory.path / "part", output)
    assert directory.put_in_place(finished) == output
    assert directory.put_in_place(finished) == output, "once more, after a crash"
    output.unlink()
    with pytest.raises(OutputError, match=r"out\.csv was put in place and is gone; start over with `force`"):
        directory.put_in_place(finished)
    directory.close()


@pytest.mark.parametrize("force", [False, True])
def test_leave_to_replace_an_output_is_that_of_the_run(output, force):
    scored(output, force=force)
    output.write_text("appeared meanwhile")
    directory = RunDirectory(output, IDENTITY, resume=True, force=False)
    finished = Finished(directory.path / "part", output)
    if force:
        directory.put_in_place(finished)
    else:
        with pytest.raises(OutputError, match="appeared meanwhile and is not overwritten"):
            directory.put_in_place(finished)
    assert output.read_text() == ("whole" if force else "appeared meanwhile")
    directory.close()
