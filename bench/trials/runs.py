"""The integrity of a run: what happens to its machine, its files and its processes while it goes on."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from process_tree import tree

from trials.disturbed import difference, manifest, real_smiles, screen, undisturbed, wait_for_rows, write_library
from trials.trial import MODEL, Ended, Fault, Trial, fault_of

_ROWS = 10_000
_MOST_KIB = 1_300_000
_OTHER_MODEL = MODEL.with_name("esol-dmpnn.molq")
_TWO_TASKS = MODEL.with_name("clintox-dmpnn.molq")


def short_of_memory(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Workers may take no more memory for a moment: no row is rejected for it."""
    library = write_library(folder / "library.csv", real_smiles(_ROWS))
    expected = undisturbed(library)
    for i in range(times):
        output, process = _begun(folder / f"{i}.csv", library)
        until = time.monotonic() + chance.uniform(0.3, 2)
        limited = set()
        while time.monotonic() < until and process.poll() is None:
            for worker in tree(process.pid)[2:]:
                if worker not in limited:
                    limited.add(worker)
                    _limit(worker, chance.randrange(1 << 24))
            time.sleep(0.02)
        for worker in limited:
            _limit(worker, None)
        yield _ended_well(process, output, library, expected)


def _limit(pid: int, more_bytes: int | None) -> None:
    """A process may take so much memory more than it has now, or as much as it likes."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        limit = resource.RLIM_INFINITY if more_bytes is None else pages * resource.getpagesize() + more_bytes
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    except OSError:
        return  # it has ended


def little_memory(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """The whole command may take 0.4 to 1.6 GB: it works, or says in a line that it does not."""
    library = write_library(folder / "library.csv", real_smiles(2000))
    expected = undisturbed(library)
    for i in range(times):
        output, limit = folder / f"{i}.csv", 400_000 + 1_200_000 * i // max(times - 1, 1)
        shell = ["bash", "-c", f'ulimit -v {limit}; exec "$0" -m molq "$@"', sys.executable]
        try:
            process = subprocess.run(
                [*shell, "screen", MODEL, library, "-o", output],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        except subprocess.TimeoutExpired:
            yield f"{limit} KiB: hung for 120 s"
            continue
        ended = Ended(process.returncode, process.stdout, process.stderr, 0.0)
        fault = fault_of(ended)
        if fault is None and ended.code == 0:
            fault = difference(output, library, expected)
        yield None if fault is None else f"{limit} KiB: {fault}"


def server_stopped(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """The server of the workers is stopped, and a worker dies."""
    library = write_library(folder / "library.csv", real_smiles(_ROWS))
    expected = undisturbed(library)
    for i in range(times):
        output, process = _begun(folder / f"{i}.csv", library)
        below = tree(process.pid)[1:]
        if len(below) > 1:
            os.kill(below[0], signal.SIGSTOP)
            os.kill(below[1], signal.SIGKILL)
        yield _ended_well(process, output, library, expected)


def model_replaced(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Another model gets the name of the one in use, and the server of the workers starts again."""
    library = write_library(folder / "library.csv", real_smiles(_ROWS))
    expected, model = undisturbed(library), folder / "m.molq"
    for i in range(times):
        shutil.copy(MODEL, model)
        output, process = _begun(folder / f"{i}.csv", library, model)
        shutil.copy(_OTHER_MODEL, model)
        below = tree(process.pid)[1:]
        if below:
            os.kill(below[0], signal.SIGKILL)
        yield _ended_well(process, output, library, expected)


def run_replaced(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Its directory is removed and a second run started: the first ends with an error, the second in peace."""
    library = write_library(folder / "library.csv", real_smiles(_ROWS))
    expected = undisturbed(library)
    for i in range(times):
        output = folder / f"{i}.csv"
        first = screen(library, output)
        wait_for_rows(first, output, 1000)
        os.kill(first.pid, signal.SIGSTOP)
        shutil.rmtree(manifest(output).parent)
        second = screen(library, output)
        wait_for_rows(second, output, 1000)
        os.kill(first.pid, signal.SIGCONT)
        code = first.wait(timeout=120)
        fault = _ended_well(second, output, library, expected)
        yield fault or (None if code == 1 else f"the first run ended with code {code}")


def changed_while_read(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """The library is cut short or written anew, or an output appears: an error, and nothing is overwritten."""
    smiles = real_smiles(_ROWS)
    changes: list[Callable[[Path, Path], object]] = [
        lambda library, output: os.truncate(library, 400_000),
        lambda library, output: library.write_bytes(library.read_bytes()),
        lambda library, output: output.write_text("of somebody else"),
    ]
    for i in range(times):
        library = write_library(folder / f"{i}-library.csv", smiles)
        output, process = _begun(folder / f"{i}.csv", library)
        changes[i % 3](library, output)
        code = process.wait(timeout=120)
        if code != 1:
            yield f"change {i % 3} ended with code {code}"
        elif output.exists() and output.read_text() != "of somebody else":
            yield "the output is there"
        else:
            yield None


def large_rows(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Twelve rows of 15 MB: all come out, and the processes of the command take less than 1.3 GB together."""
    library = folder / "library.csv"
    library.write_text("smiles,id\n" + "".join(f"{'C' * 15_000_000},m{row}\n" for row in range(12)) + "CCO,last\n")
    for i in range(times):
        output, most_kib = folder / f"{i}.csv", 0
        process = screen(library, output, "--workers", "2")
        until = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < until:
            most_kib = max(most_kib, sum(map(_memory_kib, [process.pid, *tree(process.pid)[1:]])))
            time.sleep(0.02)
        if process.poll() is None:
            process.kill()
            yield "hung for 120 s"
        elif process.returncode:
            yield f"ended with code {process.returncode}"
        elif (n_rows := output.read_bytes().count(b"characters")) != 12:
            yield f"{n_rows} of 12 rows rejected"
        else:
            yield None if most_kib < _MOST_KIB else f"took {most_kib >> 10:,} MiB"


def _memory_kib(pid: int) -> int:
    """What a process takes, with its share of what it has in common with others."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0  # it has ended
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def interrupted_among_files(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Killed when the first file of two tasks is there; the same command ends it, with --resume or without."""
    library = write_library(folder / "library.csv", real_smiles(2000))
    top = ("--top", "500")
    screen(library, folder / "whole.csv", *top, model=_TWO_TASKS).wait()
    whole = sorted((path.name.replace("whole", ""), path.read_bytes()) for path in folder.glob("whole.*.csv"))
    for i in range(times):
        where = folder / str(i)
        where.mkdir()
        process = screen(library, where / "out.csv", *top, model=_TWO_TASKS)
        while process.poll() is None and not list(where.glob("out.*.csv")):
            time.sleep(0.0005)
        process.kill()
        process.wait()
        resume = ["--resume"] * (i % 2)
        if (
            manifest(where / "out.csv").exists()
            and screen(library, where / "out.csv", *top, *resume, model=_TWO_TASKS).wait()
        ):
            yield "it could not be brought to its end"
            continue
        found = sorted((path.name.replace("out", ""), path.read_bytes()) for path in where.glob("out.*.csv"))
        yield None if found == whole else f"{len(found)} files, or others"


def _begun(output: Path, library: Path, model: Path = MODEL) -> tuple[Path, subprocess.Popen[bytes]]:
    """A screen that has put away its first shard, and where it writes."""
    process = screen(library, output, model=model)
    wait_for_rows(process, output, 1000)
    return output, process


def _ended_well(process: subprocess.Popen[bytes], output: Path, library: Path, expected: bytes) -> Fault | None:
    try:
        code = process.wait(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        return "hung for 120 s"
    return f"ended with code {code}" if code else difference(output, library, expected)


TRIALS = [
    Trial("workers short of memory for a moment", short_of_memory, 4, 1),
    Trial("a command with 0.4 to 1.6 GB of memory", little_memory, 5, 0),
    Trial("the server of the workers stopped while one dies", server_stopped, 1, 0),
    Trial("the model replaced while the server of the workers dies", model_replaced, 2, 1),
    Trial("a run whose directory is removed and that a second one replaces", run_replaced, 2, 1),
    Trial("a library that changes, or an output that appears, during a run", changed_while_read, 3, 3),
    Trial("killed between the files of two tasks", interrupted_among_files, 6, 1),
    Trial("twelve rows of 15 MB", large_rows, 1, 0),
]
