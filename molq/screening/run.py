"""One run: chunks through workers into a sink, shard by shard."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from molq.errors import OutputError
from molq.records.chunk import Chunk, ChunkResult
from molq.records.reader import LibraryReader
from molq.screening.fingerprint import fingerprint
from molq.screening.output.sinks import Sink
from molq.screening.run_directory import Progress, RunDirectory, output_error
from molq.screening.stopwatch import Stopwatch
from molq.screening.summary import Summary

ProgressCallback = Callable[[int, int | None], None]
SHARD_ROWS = 65536
_REASON_KINDS = 1000


class ChunkRunner(Protocol):
    """Worker processes, or this process; ``start`` may return before the model is loaded."""

    replaced: int

    def start(self) -> None: ...
    def wait_until_ready(self) -> tuple[str, ...]: ...
    def run(self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]]) -> Iterator[ChunkResult]: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """All that a run needs. ``sink`` is made when the task names are known."""

    reader: LibraryReader
    runner: ChunkRunner
    make_sink: Callable[[tuple[str, ...]], Sink]
    output: Path | None
    """None for standard output, which cannot be resumed"""
    identity: Callable[[], dict[str, Any]]
    """what must not change between sessions of a run"""
    workers: int
    chunk_rows: int
    shard_rows: int = SHARD_ROWS
    resume: bool = False
    force: bool = False
    bounds: Callable[[], Sequence[float | None]] = field(default=lambda: ())


def execute(
    plan: Plan, progress: ProgressCallback | None = None, before_finish: Callable[[Progress], Any] | None = None
) -> Summary:
    """Run to the end. What is done stays done: after any interruption the same plan with ``resume`` continues.

    ``before_finish`` is told the counts before the sink puts the output in place.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        stack.callback(plan.reader.close)
        plan.runner.start()
        stack.callback(plan.runner.stop)
        identity = plan.identity() if plan.output is not None else {}
        tasks = plan.runner.wait_until_ready()
        startup_seconds = time.perf_counter() - started
        sink = plan.make_sink(tasks)
        directory = None
        if plan.output is not None:
            directory = RunDirectory(plan.output, identity, resume=plan.resume, force=plan.force)
            stack.callback(directory.close)
        stack.callback(sink.close)
        done = directory.progress if directory else Progress()
        resumed_rows, watch = done.rows, Stopwatch()
        try:
            sink.open(directory.path if directory else Path(), done.sink | {"done": done.complete})
            if not done.complete:
                _fill(plan, sink, done, directory, watch, progress)
            if before_finish is not None:
                before_finish(done)
            outputs = sink.finish()
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise output_error(plan.output or Path("standard output"), error) from error
        if directory is not None:
            directory.remove()
    seconds = time.perf_counter() - started
    return Summary(
        rows=done.rows,
        scored=done.scored,
        rejected=done.rows - done.scored,
        seconds=seconds,
        startup_seconds=startup_seconds,
        mols_per_s=(done.rows - resumed_rows) / max(seconds - startup_seconds, 1e-9),
        resumed_rows=resumed_rows,
        workers=plan.workers,
        replaced_workers=plan.runner.replaced,
        tasks=tasks,
        outputs=tuple(map(str, outputs)),
        reasons=dict(sorted(done.reasons.items(), key=lambda item: -item[1])),
        stage_seconds=watch.seconds,
    )


def describe_inputs(reader: LibraryReader) -> list[dict[str, str]]:
    """Name and content hash of each source; tells the reader the lines counted on the way."""
    inputs = []
    for i, source in enumerate(reader.sources):
        found = fingerprint(source)
        if found.n_lines is not None:
            reader.state_lines(i, found.n_lines)
        inputs.append({"name": os.path.basename(source.path), "content": found.content})
    return inputs


def _fill(
    plan: Plan,
    sink: Sink,
    done: Progress,
    directory: RunDirectory | None,
    watch: Stopwatch,
    progress: ProgressCallback | None,
) -> None:
    chunks = _timed(plan.reader.chunks(plan.chunk_rows, plan.shard_rows, done.rows), watch)
    chunks = _same_stdin(chunks, plan.reader, done)
    for result in plan.runner.run(chunks, plan.bounds):
        with watch("write"):
            sink.write(result.body)
        _count(done, result)
        watch.add(result.seconds)
        if directory is not None and done.rows % plan.shard_rows == 0:
            _commit(plan, sink, done, directory, watch)
        if progress is not None:
            progress(done.rows, plan.reader.total_rows(done.rows))
    if directory is not None:
        done.complete = True
        _commit(plan, sink, done, directory, watch)
    else:
        sink.commit()
    if progress is not None:
        progress(done.rows, done.rows)


def _count(done: Progress, result: ChunkResult) -> None:
    done.rows += result.n_rows
    done.scored += result.scored
    for reason, n in result.reasons.items():
        kind = reason if reason in done.reasons or len(done.reasons) < _REASON_KINDS else "other reasons"
        done.reasons[kind] = done.reasons.get(kind, 0) + n


def _commit(plan: Plan, sink: Sink, done: Progress, directory: RunDirectory, watch: Stopwatch) -> None:
    with watch("write"):
        done.sink = sink.commit()
        done.stdin_digest = plan.reader.digest_at(done.rows)
        directory.save()


def _timed(chunks: Iterator[Chunk], watch: Stopwatch) -> Iterator[Chunk]:
    while True:
        with watch("read"):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _same_stdin(chunks: Iterator[Chunk], reader: LibraryReader, done: Progress) -> Iterator[Chunk]:
    """The chunks; refuses, before the first, a standard input that does not begin as that of the earlier session."""
    first = next(chunks, None)
    if done.rows and reader.digest_at(done.rows) != done.stdin_digest:
        raise OutputError("the run cannot be resumed: standard input has changed; start over with --force")
    if first is not None:
        yield first
        yield from chunks
