from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_runs import OnStep, screen

from molq.chem.featurize import Featurizer
from molq.errors import InputError, OutputError

SHARD_ROWS = 100


def start(**options: object) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("run_screen.py")
    command = [sys.executable, str(script), json.dumps({key: _plain(value) for key, value in options.items()})]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def rows_done(output: Path) -> int:
    try:
        return json.loads((run_of(output) / "manifest.json").read_text())["done"]["rows"]
    except OSError:
        return 0


def run_of(output: Path) -> Path:
    return output.with_name(output.name + ".molq-run")


def kill_and_resume(options: dict[str, object], output: Path, kill: int, seed: int, most: int) -> int:
    """Kill the run at random moments, ``most`` times, and let it finish; how many times it was killed unfinished."""
    chance = random.Random(seed)
    for kills in range(most + 1):
        process = start(**options, resume=kills > 0)
        wanted = rows_done(output) + chance.randrange(1, 400)
        while kills < most and process.poll() is None and rows_done(output) < wanted and not output.exists():
            time.sleep(0.01)
        if kills < most:
            time.sleep(chance.random() * 0.1)
            process.send_signal(kill)
        _, errors = process.communicate(timeout=120)
        if output.exists() and not run_of(output).exists():
            return kills
        assert process.returncode != 0
    raise AssertionError(f"not finished after {most} kills: {errors.decode()}")


TOP = {"top": 40, "tasks": ["first"]}
KILLS = [
    (signal.SIGKILL, ".csv", {}, 2),
    (signal.SIGKILL, ".parquet", {}, 1),
    (signal.SIGKILL, ".csv", TOP, 1),
    (signal.SIGINT, ".csv.gz", {}, 1),
    *(
        pytest.param(kill, suffix, extra, 3, marks=pytest.mark.slow)
        for kill in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
        for suffix, extra in ((".csv.gz", TOP), (".parquet", {"threshold": 0.5}), (".csv.gz", {}), (".csv", {}))
    ),
]


@pytest.mark.parametrize(("kill", "suffix", "extra", "most"), KILLS)
def test_killed_at_random_then_resumed_gives_the_same_bytes(model, library, tmp_path, kill, suffix, extra, most):
    options = {"model": model, "library": library, "loader": "load_slow", "workers": 2, "chunk_rows": 30,
               "shard_rows": SHARD_ROWS, **extra}  # fmt: skip
    whole, out = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    screen(**{**options, "loader": "load", "workers": 0}, output=whole)
    kills = kill_and_resume({**options, "output": out}, out, kill, len(suffix) + kill, most)
    assert kills >= 1
    assert out.read_bytes() == whole.read_bytes()
    assert not run_of(out).exists()


def test_summary_of_a_resumed_run_counts_all_rows(model, library, tmp_path):
    out = tmp_path / "out.csv"
    options = {"model": model, "library": library, "output": out, "loader": "load", "workers": 0,
               "shard_rows": SHARD_ROWS, "chunk_rows": 50}  # fmt: skip
    interrupt_after(options, 400)
    done = rows_done(out)
    summary = screen(**options, resume=True)
    assert (summary.rows, summary.rejected, summary.resumed_rows) == (1500, 15, done)
    assert sum(summary.reasons.values()) == 15


def interrupt_after(options: dict[str, object], rows: int) -> None:
    """Stop a run from within after ``rows`` rows."""

    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        if done >= rows:
            raise Stop

    with pytest.raises(Stop):
        screen(**options, progress=OnStep(stop))


@pytest.fixture
def interrupted(model, library, tmp_path):
    """Options of a run that was stopped after 400 rows."""
    options = {"model": model, "library": library, "output": tmp_path / "out.csv", "loader": "load",
               "workers": 0, "shard_rows": SHARD_ROWS, "chunk_rows": 50}  # fmt: skip
    interrupt_after(options, 400)
    return options


def test_unfinished_run_is_not_silently_overwritten(interrupted):
    with pytest.raises(OutputError, match="`resume`"):
        screen(**interrupted)
    summary = screen(**interrupted, force=True)
    assert summary.resumed_rows == 0


def test_workers_and_chunks_may_change_on_resume(interrupted, fake_screen, library, tmp_path):
    screen(**{**interrupted, "workers": 2, "chunk_rows": 7}, resume=True)
    fake_screen(library, tmp_path / "whole.csv", workers=0)
    assert interrupted["output"].read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_changed_input_is_refused(interrupted, library):
    text = library.read_bytes()
    library.write_bytes(text[:-1000] + b"X" + text[-999:])
    with pytest.raises(OutputError, match=r"input has changed \(library\.csv\)"):
        screen(**interrupted, resume=True)
    library.write_bytes(text)
    assert screen(**interrupted, resume=True).rows == 1500


def test_changed_model_is_refused(interrupted, model):
    model.write_bytes(b"another model")
    with pytest.raises(OutputError, match="the model has changed"):
        screen(**interrupted, resume=True)


@pytest.mark.parametrize("change", [{"tasks": ["first"]}, {"max_atoms": 5}, {"columns": ["price"]}, {"threshold": 0.1}])
def test_changed_settings_are_refused(interrupted, change):
    with pytest.raises(OutputError, match="cannot be resumed"):
        screen(**interrupted, **change, resume=True)


def test_a_moved_library_is_the_same_library(interrupted, library, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    moved = library.rename(tmp_path / "elsewhere" / "library.csv")
    assert screen(**{**interrupted, "library": moved}, resume=True).rows == 1500


def test_resume_with_nothing_to_resume_starts(model, library, tmp_path):
    summary = screen(model, library, tmp_path / "out.csv", loader="load", workers=0, resume=True)
    assert (summary.rows, summary.resumed_rows) == (1500, 0)
    with pytest.raises(OutputError, match="exists already"):
        screen(model, library, tmp_path / "out.csv", loader="load", workers=0, resume=True)


def test_damaged_state_is_an_error(interrupted):
    manifest = run_of(interrupted["output"]) / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text[:100])
    with pytest.raises(OutputError, match="damaged"):
        screen(**interrupted, resume=True)
    manifest.write_text(text)
    os.truncate(run_of(interrupted["output"]) / "part", 50)
    with pytest.raises(OutputError, match="shorter than the manifest says"):
        screen(**interrupted, resume=True)


def test_two_runs_cannot_write_one_output(interrupted):
    with (run_of(interrupted["output"]) / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for options in ({"force": True}, {"resume": True}):
            with pytest.raises(OutputError, match="another molq process is writing this output"):
                screen(**interrupted, **options)
    assert screen(**interrupted, resume=True).resumed_rows > 0


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_full_disk(model, library, tmp_path, monkeypatch, suffix):
    import molq.screening.run as run

    out = tmp_path / f"out{suffix}"
    options = {"model": model, "library": library, "output": out, "loader": "load", "workers": 0,
               "shard_rows": SHARD_ROWS}  # fmt: skip
    commit, commits = run._commit, iter(range(100))

    def full(*args: object) -> None:
        if next(commits) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        commit(*args)

    monkeypatch.setattr(run, "_commit", full)
    with pytest.raises(OutputError, match=r"No space left .*`resume`"):
        screen(**options)
    assert not out.exists()
    monkeypatch.setattr(run, "_commit", commit)
    assert screen(**options, resume=True).resumed_rows == 300
    screen(**{**options, "output": tmp_path / f"whole{suffix}"})
    assert out.read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()


def test_crash_between_the_rename_and_the_clean_up(interrupted, monkeypatch, tmp_path):
    from molq.screening.run_directory import RunDirectory

    class Crash(Exception):
        pass

    def crash(self: RunDirectory) -> None:
        raise Crash

    monkeypatch.setattr(RunDirectory, "remove", crash)
    with pytest.raises(Crash):
        screen(**interrupted, resume=True)
    monkeypatch.undo()
    output = interrupted["output"]
    before = output.read_bytes()
    assert screen(**interrupted, resume=True).rows == 1500
    assert output.read_bytes() == before
    assert not run_of(output).exists()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("resume", [True, False])
def test_interrupted_between_the_files_of_several_tasks(model, library, tmp_path, monkeypatch, suffix, resume):
    from molq.screening.run_directory import RunDirectory

    options = {"model": model, "library": library, "loader": "load", "workers": 0, "top": 30}
    screen(**options, output=tmp_path / f"whole{suffix}")
    whole = {path.name: path.read_bytes() for path in tmp_path.glob("whole.*")}
    put_in_place = RunDirectory.put_in_place

    def only_the_first(self, finished):
        if "second" in finished.path.name:
            raise KeyboardInterrupt
        return put_in_place(self, finished)

    monkeypatch.setattr(RunDirectory, "put_in_place", only_the_first)
    with pytest.raises(KeyboardInterrupt):
        screen(**options, output=tmp_path / f"out{suffix}")
    assert [path.name for path in tmp_path.glob("out.first*")]
    monkeypatch.undo()
    assert screen(**options, output=tmp_path / f"out{suffix}", resume=resume).rows == 1500
    found = {path.name.replace("out", "whole"): path.read_bytes() for path in tmp_path.glob("out.*")}
    assert found == whole


@pytest.mark.parametrize("extra", [{}, {"top": 30}])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_an_output_that_appears_meanwhile_is_not_overwritten(model, library, tmp_path, suffix, extra):
    output = tmp_path / f"out{suffix}"
    last = tmp_path / f"out.second{suffix}" if extra else output
    options = {"model": model, "library": library, "output": output, "loader": "load", "workers": 0, **extra}
    with pytest.raises(OutputError, match="appeared meanwhile and is not overwritten"):
        screen(**options, progress=OnStep(lambda _rows: last.write_text("of somebody else")))
    assert last.read_text() == "of somebody else"
    last.unlink()
    assert screen(**options).rows == 1500
    assert last.exists()
    assert not run_of(output).exists()


@pytest.mark.parametrize(
    "change", [lambda path: os.truncate(path, 30_000), lambda path: path.write_bytes(path.read_bytes())]
)
@pytest.mark.parametrize("workers", [0, 2])
def test_an_input_that_changes_while_it_is_read_ends_the_run(model, library, tmp_path, change, workers):
    """What was read before the change is kept; nothing that was read after it is."""
    library.write_text(library.read_text() * 40)  # of more than a block
    out, changed = tmp_path / "out.csv", []

    def change_it(rows: int) -> None:
        if rows >= 700 and not changed:
            change(library)
            changed.append(rows)

    options = {"model": model, "library": library, "output": out, "loader": "load", "workers": workers,
               "shard_rows": SHARD_ROWS, "chunk_rows": 100}  # fmt: skip
    with pytest.raises(InputError, match=r"library\.csv was changed while it was read"):
        screen(**options, progress=OnStep(change_it))
    assert not out.exists()
    assert rows_done(out) == changed[0]


@pytest.mark.parametrize("extra", [{}, {"top": 30}])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_run_that_is_replaced_ends_with_an_error(model, library, tmp_path, suffix, extra):
    import shutil

    out, whole = tmp_path / f"out{suffix}", tmp_path / f"whole{suffix}"
    options = {"model": model, "library": library, "loader": "load", "workers": 0, "shard_rows": SHARD_ROWS, **extra}
    screen(**options, output=whole)

    def replace_run(rows: int) -> None:
        if rows >= 700 and not replaced:
            replaced.append(rows)
            shutil.rmtree(run_of(out))
            screen(**options, output=out)

    replaced: list[int] = []
    with pytest.raises(OutputError, match="was removed or replaced while this run went on"):
        screen(**options, output=out, progress=OnStep(replace_run))
    found = {path.name.replace("out", "whole"): path.read_bytes() for path in tmp_path.glob("out*")}
    assert found == {path.name: path.read_bytes() for path in tmp_path.glob("whole*")}


def test_standard_input_is_resumed_and_checked(library, tmp_path):
    out, options = tmp_path / "out.csv", {"workers": 1, "chunk_rows": 20, "shard_rows": SHARD_ROWS}
    model = tmp_path / "m.molq"
    model.write_bytes(b"m")
    options |= {"model": model, "library": "-", "output": out, "loader": "load_slow"}
    script = Path(__file__).with_name("run_screen.py")

    def run(text: bytes, stop_after: int | None, **more: object) -> tuple[int, bytes]:
        command = [sys.executable, str(script), json.dumps({k: _plain(v) for k, v in {**options, **more}.items()})]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.close()
        while stop_after and process.poll() is None and rows_done(out) < stop_after:
            time.sleep(0.01)
        if stop_after:
            process.kill()
        _, errors = process.stdout.read(), process.stderr.read()  # type: ignore[union-attr]
        process.stdout.close(), process.stderr.close()  # type: ignore[union-attr]
        return process.wait(), errors

    text = library.read_bytes()
    run(text, 500)
    code, errors = run(text.replace(b"M5,", b"M55,"), None, resume=True)
    assert code
    assert b"standard input has changed" in errors
    code, errors = run(text, None, resume=True)
    assert code == 0, errors
    screen(model, library, tmp_path / "whole.csv", loader="load", workers=0)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_failure_before_the_first_shard_leaves_nothing(fake_screen, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text('smiles,id\nC,a\n"CC,b\n')
    with pytest.raises(InputError, match="line 3 opens a quoted field"):
        fake_screen(bad, tmp_path / "out.csv", workers=1)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []


def misread(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Plants a fault in the fast path: it reads molecules whose text holds ``where`` as carbon alone."""
    right = Featurizer.pack_sure

    def wrong(self: Featurizer, text: Any, starts: Any, stops: Any, max_atoms: int) -> Any:
        graphs, is_sure = right(self, text, starts, stops, max_atoms)
        for k, i in enumerate(np.flatnonzero(is_sure)):
            if where.encode() in text[starts[i] : stops[i]].tobytes():
                graphs.atoms[graphs.atom_ptr[k] : graphs.atom_ptr[k + 1]] = graphs.atoms[0]
        return graphs, is_sure

    monkeypatch.setattr(Featurizer, "pack_sure", wrong)


@pytest.fixture
def halogens(tmp_path: Path) -> Path:
    path = tmp_path / "halogens.smi"
    path.write_text("".join(f"{'C' * (1 + i % 20)}{'I' if i >= 250 else 'O'} m{i}\n" for i in range(600)))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("audit", [1.0, 0.02])
def test_a_molecule_that_the_fast_path_misreads_is_found_and_what_may_be_wrong_is_redone(
    halogens: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, audit: float
) -> None:
    options: dict[str, Any] = {"shard_rows": SHARD_ROWS, "chunk_rows": 20, "workers": 0}
    clean, output = tmp_path / f"clean{suffix}", tmp_path / f"out{suffix}"
    assert screen(model, halogens, clean, audit=1.0, **options).audited == 600
    misread(monkeypatch, "I")
    summary = screen(model, halogens, output, audit=audit, **options)
    assert output.read_bytes() == clean.read_bytes()
    assert "otherwise than RDKit" in summary.notes[0]
    assert "CI" in summary.notes[0]
    assert summary.rows == 600
    assert summary.resumed_rows >= 200


def test_without_an_audit_a_misread_molecule_goes_unseen(
    halogens: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""
    screen(model, halogens, tmp_path / "clean.csv", workers=0)
    misread(monkeypatch, "I")
    assert screen(model, halogens, tmp_path / "out.csv", workers=0, audit=0.0).audited == 0
    assert (tmp_path / "out.csv").read_bytes() != (tmp_path / "clean.csv").read_bytes()


def test_what_was_written_to_standard_output_cannot_be_taken_back(
    halogens: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: object
) -> None:
    misread(monkeypatch, "I")
    with pytest.raises(OutputError, match="run it again with `audit=1`"):
        screen(model, halogens, "-", workers=0, audit=1.0)


def test_worker_processes_audit_too(halogens: Path, model: Path, tmp_path: Path) -> None:
    summary = screen(model, halogens, tmp_path / "out.csv", workers=2, audit=1.0, chunk_rows=50)
    assert summary.audited == 600


@pytest.mark.parametrize("workers", [0, 1])
def test_text_after_a_smiles_is_counted_and_rejected_by_a_strict_run(model: Path, tmp_path: Path, workers: int) -> None:
    library = tmp_path / "library.csv"
    library.write_text('smiles,x\nCC O,1\n"CC\nO",2\nCC=CC |c:1|,3\nCCO,4\n')
    said = screen(model, library, tmp_path / "out.csv", workers=workers)
    assert (said.scored, said.notes) == (
        4,
        ("2 rows hold text after their SMILES, which is not read; `strict` rejects them",),
    )
    strict = screen(model, library, tmp_path / "strict.csv", workers=workers, strict=True)
    assert (strict.scored, strict.reasons, strict.rejected) == (2, {"text after the SMILES": 2}, 2)
