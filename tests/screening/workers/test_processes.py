from __future__ import annotations

import contextlib
import csv
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_runs import OnStep, fake_run, screen
from rdkit import Chem

from molq.errors import ShortageError, WorkersError
from molq.screening.run import execute
from molq.screening.workers import model_process, processes


def write_smi(path: Path, smiles: list[str]) -> Path:
    path.write_text("".join(f"{text}\n" for text in smiles))
    return path


def reasons_of(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["rejected"] for row in csv.DictReader(file)]


@pytest.fixture
def poisoned(tmp_path, smiles):
    """200 molecules: uranium at 3 and 70, thorium at 71 and 199, plutonium at 120."""
    molecules = smiles[:200]
    for row, metal in ((3, "[U]"), (70, "[U]"), (71, "[Th]"), (199, "[Th]"), (120, "[Pu]")):
        molecules[row] = metal
    return write_smi(tmp_path / "poisoned.smi", molecules)


def test_poison_molecules_are_rejected_and_nothing_else(model, poisoned, fake_screen, tmp_path):
    fake_screen(poisoned, tmp_path / "healthy.csv", workers=0)
    summary = screen(model, poisoned, tmp_path / "out.csv", loader="load_poison", workers=2, chunk_rows=64,
        timeout_per_molecule=1.0,
    )  # fmt: skip
    assert (summary.rows, summary.rejected) == (200, 5)
    assert summary.replaced_workers >= 5
    reasons = reasons_of(tmp_path / "out.csv")
    assert reasons[3] == reasons[70] == "a worker was killed by SIGSEGV on this molecule"
    assert reasons[71] == reasons[199] == "failed with ValueError: thorium is too heavy"
    assert reasons[120] == "took longer than 1 s"
    healthy = (tmp_path / "healthy.csv").read_text().splitlines()
    found = (tmp_path / "out.csv").read_text().splitlines()
    assert [a for a, b in zip(healthy, found, strict=True) if a != b] == [healthy[1 + i] for i in (3, 70, 71, 120, 199)]


def test_poison_mol_blocks_cost_their_own_rows(model, tmp_path):
    molecules = ["CCO"] * 40
    molecules[3], molecules[20], molecules[33] = "[U]", "[Pu]", "[Th]"
    blocks = [Chem.MolToMolBlock(Chem.MolFromSmiles(text)) for text in molecules]
    (tmp_path / "library.sdf").write_text("".join(f"{block}$$$$\n" for block in blocks))
    summary = screen(model, tmp_path / "library.sdf", tmp_path / "out.csv", loader="load_with_poisonous_mol_blocks",
        workers=1, timeout_per_molecule=1.0,
    )  # fmt: skip
    assert (summary.rows, summary.rejected) == (40, 3)
    reasons = reasons_of(tmp_path / "out.csv")
    assert reasons[3] == "a worker was killed by SIGSEGV on this molecule"
    assert reasons[20] == "took longer than 1 s"
    assert reasons[33] == "failed with TypeError: thorium is too heavy"


def test_same_poison_same_bytes(model, poisoned, tmp_path):
    outputs = []
    for workers, chunk_rows in ((1, 200), (2, 16)):
        out = tmp_path / f"{workers}.csv"
        screen(model, poisoned, out, loader="load_poison", workers=workers, chunk_rows=chunk_rows,
            timeout_per_molecule=1.0,
        )  # fmt: skip
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]


def test_a_batch_that_kills_is_scored_in_smaller_blocks(model, smiles, fake_screen, tmp_path):
    library = write_smi(tmp_path / "library.smi", smiles[:150])
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    summary = screen(model, library, tmp_path / "out.csv", loader="load_batch", workers=1, chunk_rows=100)
    assert summary.rejected == 0
    assert summary.replaced_workers > 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_scorer_that_fails_on_everything_is_an_error(model, library, tmp_path, workers):
    with pytest.raises(RuntimeError, match="the model is broken"):
        screen(model, library, tmp_path / "out.csv", loader="load_broken", workers=workers)
    assert not list(tmp_path.glob("out.csv*"))


def test_killed_workers_lose_nothing(model, library, fake_screen, tmp_path, begun):
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    stop = threading.Event()
    killed: list[int] = []

    def kill_now_and_then() -> None:
        while not stop.wait(0.3):
            for pid in below(begun())[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        summary = screen(model, library, tmp_path / "out.csv", loader="load_slow", workers=2, chunk_rows=50)
    finally:
        stop.set()
        killer.join()
    assert len(killed) >= 2
    assert summary.rows == 1500
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_the_server_of_the_workers_may_die_too(model, library, fake_screen, tmp_path, begun):
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    victims: list[int] = []

    def kill_once(done: int) -> None:
        if done > 300 and not victims:
            victims.extend(begun())
            for pid in victims:
                os.kill(pid, signal.SIGKILL)

    summary = screen(
        model,
        library,
        tmp_path / "out.csv",
        loader="load_slow",
        workers=2,
        chunk_rows=10,
        progress=OnStep(kill_once),
    )
    assert victims
    assert summary.replaced_workers > 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_the_server_may_die_while_it_loads_the_model(model, library, fake_screen, tmp_path):
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    loader = "load_at_the_third_attempt"
    screen(model, library, tmp_path / "out.csv", loader=loader, workers=1)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_a_model_that_kills_the_server_is_an_error(model, library, tmp_path):
    with pytest.raises(WorkersError, match="ended 4 times while it loaded the model; see whether there is memory"):
        screen(model, library, tmp_path / "out.csv", loader="load_never", workers=1)


@pytest.fixture
def at_once(monkeypatch):
    """Attempts follow each other without a pause."""
    monkeypatch.setattr(processes, "_PAUSES_S", (0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shortage_of_a_moment_costs_no_row(model, library, fake_screen, tmp_path, at_once, workers):
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    summary = screen(model, library, tmp_path / "out.csv", loader="load_short_for_a_moment", workers=workers)
    assert summary.replaced_workers >= 1
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_shortage_that_stays_ends_the_run_which_can_go_on(model, library, fake_screen, tmp_path, at_once, workers):
    smiles = [line.split(",")[0] for line in library.read_text().splitlines()[1:]]
    smiles[700] = "[U]"
    poisoned = write_smi(tmp_path / "poisoned.smi", smiles)
    fake_screen(poisoned, tmp_path / "expected.csv", workers=0)
    options = {"workers": workers, "shard_rows": 100, "chunk_rows": 50}
    with pytest.raises(ShortageError, match=r"ran short .*Cannot allocate memory.*continue with `resume`"):
        screen(model, poisoned, tmp_path / "out.csv", loader="load_uranium_is_short", **options)
    summary = screen(model, poisoned, tmp_path / "out.csv", loader="load", resume=True, **options)
    assert summary.resumed_rows == 700
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_molecule_too_large_for_the_memory_costs_its_own_row(model, smiles, fake_screen, tmp_path, at_once, workers):
    library = write_smi(tmp_path / "library.smi", [*smiles[:40], "C" * 12_000, *smiles[40:80], "C" * 11_000])
    options = {"workers": workers, "max_atoms": 100_000}
    fake_screen(library, tmp_path / "expected.csv", **options)
    summary = screen(model, library, tmp_path / "out.csv", loader="load_bounded", **options)
    assert summary.rejected == 2
    reasons = reasons_of(tmp_path / "out.csv")
    assert (reasons[40], reasons[81]) == tuple(
        f"{n:,} characters, for which there is not enough memory" for n in (12_000, 11_000)
    )
    expected, found = ((tmp_path / name).read_text().splitlines() for name in ("expected.csv", "out.csv"))
    assert [i for i, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b] == [41, 82]


@pytest.mark.parametrize("workers", [0, 1])
def test_no_memory_for_the_model_is_said(model, library, tmp_path, workers):
    with pytest.raises(ShortageError, match="ran short"):
        screen(model, library, tmp_path / "out.csv", loader="load_without_memory", workers=workers)
    assert not list(tmp_path.glob("out.csv*"))


def test_a_server_that_is_stopped_is_replaced(model, library, fake_screen, tmp_path, monkeypatch, begun):
    monkeypatch.setattr(model_process, "_ANSWER_SECONDS", 1.0)
    fake_screen(library, tmp_path / "expected.csv", workers=0)
    stopped: list[int] = []

    def stop_it(done: int) -> None:
        if done > 300 and not stopped:
            stopped.extend(begun())
            workers = below(stopped)
            os.kill(stopped[0], signal.SIGSTOP)
            os.kill(workers[0], signal.SIGKILL)

    options = {"loader": "load_slow", "workers": 2, "chunk_rows": 10, "progress": OnStep(stop_it)}
    summary = screen(model, library, tmp_path / "out.csv", **options)
    assert stopped
    assert summary.replaced_workers > 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_the_model_is_the_one_the_run_began_with(library, fake_screen, tmp_path, begun):
    """The scorer depends on the bytes that it is given: a server that starts again gets the first ones."""
    model = tmp_path / "m.molq"
    model.write_bytes(b"one")

    def replace_it(done: int) -> None:
        if done > 300 and model.read_bytes() == b"one":
            model.write_bytes(b"another")
            for pid in begun():
                os.kill(pid, signal.SIGKILL)

    options = {"loader": "load_by_content", "workers": 2, "chunk_rows": 10}
    screen(model, library, tmp_path / "expected.csv", **options)
    summary = screen(model, library, tmp_path / "out.csv", **options, progress=OnStep(replace_it))
    assert summary.replaced_workers > 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_no_process_is_left_behind(library, fake_screen, tmp_path, begun):
    fake_screen(library, tmp_path / "out.csv", workers=2)
    deadline = time.monotonic() + 5
    while begun() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not begun()


@pytest.fixture
def begun() -> Callable[[], list[int]]:
    """Children of this process that began with the test; those before it are of others, such as a browser."""
    before = children(os.getpid())
    return lambda: [pid for pid in children(os.getpid()) if pid not in before]


def children(pid: int) -> list[int]:
    return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]


def below(pids: list[int]) -> list[int]:
    """Their children; of one that has ended, none."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            found += children(pid)
    return found


def test_a_model_process_that_is_shared_serves_one_run_after_the_other(model, smiles, tmp_path):
    library = write_smi(tmp_path / "few.smi", smiles[:50])
    runs = [fake_run(model, library, tmp_path / f"{name}.csv", workers=1) for name in ("first", "second")]
    shared = model_process.ModelProcess(runs[0].job)
    shared.start()
    try:
        shared.wait_until_ready()
        before = shared._process
        for run in runs:
            execute(replace(run, runner=processes.WorkerProcesses(run.job, 1, 10.0, shared)))
        assert shared._process is before
        assert before.poll() is None
    finally:
        shared.stop()
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
