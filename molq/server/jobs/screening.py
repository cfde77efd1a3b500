"""A screen in a process of its own, told by lines of JSON: ``python -m molq.server.jobs.screening``.

A file that crashes RDKit while its columns are looked for costs its own job, and no server.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import msgspec

from molq.errors import MolqError
from molq.screening.run_directory import run_directory_of
from molq.screening.screen import screen
from molq.serial import to_json
from molq.server.jobs.job import JobOptions

_STEP_SECONDS = 0.25


class ScreenTask(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is to do."""

    models: tuple[str, ...]
    library: str
    output: str
    workers: int
    timeout_per_molecule: float
    options: JobOptions


class ScreenStep(msgspec.Struct, frozen=True, tag=True):
    """How far it has come."""

    rows: int
    total: int | None


class ScreenFinish(msgspec.Struct, frozen=True, tag=True):
    """It is done."""

    rows: int
    scored: int
    rejected: int
    reasons: dict[str, int]
    notes: tuple[str, ...]
    outputs: tuple[str, ...]
    rows_per_s: float
    """of those screened by this process"""
    result_bytes: int


class ScreenFailure(msgspec.Struct, frozen=True, tag=True):
    """It cannot be done."""

    message: str


Line = ScreenStep | ScreenFinish | ScreenFailure


class _Told:
    """Progress as lines on standard output."""

    def __init__(self) -> None:
        self._told = 0.0

    def stage(self, name: str) -> None:
        return

    def step(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told >= _STEP_SECONDS or done == total:
            self._told = now
            _say(ScreenStep(done, total))


def main() -> None:
    """Do what standard input says; killed with its parent, it leaves what the next one goes on from."""
    from molq.screening.workers.serve_model import die_with_parent

    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=ScreenTask)
    try:
        _say(_screened(task))
    except MolqError as error:
        _say(ScreenFailure(_in_words(error, task)))


def _screened(task: ScreenTask) -> ScreenFinish:
    options = msgspec.structs.asdict(task.options)
    output = Path(task.output)
    is_begun = run_directory_of(output).exists()
    found = screen(
        list(task.models),
        task.library,
        task.output,
        **options,
        workers=task.workers,
        timeout_per_molecule=task.timeout_per_molecule,
        resume=is_begun,
        force=True,  # a server that ended before it had heard of the result has it made again
        progress=_Told(),
    )
    return ScreenFinish(
        found.rows,
        found.scored,
        found.rejected,
        found.reasons,
        found.notes,
        found.outputs,
        found.mols_per_s,
        output.stat().st_size,
    )


def _in_words(error: MolqError, task: ScreenTask) -> str:
    """The message without the places of files, which are the server's own."""
    said = str(error).replace(task.library, "the file").replace(task.output, "the result")
    for model in task.models:
        said = said.replace(model, "the model")
    return said


def _say(line: Line) -> None:
    sys.stdout.buffer.write(to_json(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
