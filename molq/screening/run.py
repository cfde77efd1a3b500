"""One run: chunks through workers into a sink, shard by shard."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import msgspec

from molq.columns import Columns, tasks_of
from molq.errors import InputError, ModelFileError, MolqError, OutputError, ShortageError, WorkersError
from molq.files import make_folder, output_error
from molq.outputs import refuse_output, refuse_outputs, refuse_stdout
from molq.progress import SILENT, Progress
from molq.records.chunk import Chunk, ChunkResult
from molq.records.input.source import Source
from molq.records.trailing import trailing_note
from molq.remote.retrying import RemoteError
from molq.results.screening import ScreenSummary
from molq.screening.identity import Identity
from molq.screening.keeping import Directory, begin, is_kept, may_replace
from molq.screening.output.format import Sink
from molq.screening.run_directory import RESUME, Tally
from molq.screening.scored import NO_NUMBER, Scorer
from molq.screening.settings import Manner, Settings
from molq.screening.shards.manifest import ShardManifest
from molq.screening.shards.place import ShardInWork, ShardPlace
from molq.screening.stopwatch import Stopwatch
from molq.screening.workers.job import Job
from molq.screening.workers.runner import ChunkRunner, make_runner
from molq.shortage import is_shortage, shortage
from molq.urls import seen, url_of

_REASON_KINDS = 1000
_AGAIN = "mend that, and screen the shard again"
_MANY = 10
"""one rejected row in so many is worth a note"""


class ChunkSource(Protocol):
    """Where a run takes its rows from: a library, one shard of it, or the shards that are done."""

    notes: list[str]
    sources: list[Source]

    @property
    def example(self) -> str:
        """How the first row begins."""
        ...

    def chunks(self, chunk_rows: int, shard_rows: int, start_row: int = 0) -> Iterator[Chunk]: ...
    def total_rows(self, rows_read: int) -> int | None: ...
    def refuse_changes(self) -> None: ...
    def digest_at(self, row: int) -> str: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Run:
    """A screen, decided and checked, before anything is started."""

    reader: ChunkSource
    identify: Callable[[], Identity]
    """reads what the output is made of, once"""
    job: Job
    output: Path | None
    """None for standard output, which cannot be resumed"""
    settings: Settings
    manner: Manner
    reopen: Callable[[], ChunkSource]
    """the reader anew, from the first row"""
    scorer: Scorer | None = None
    """at hand, instead of the job's models"""
    runner: ChunkRunner | None = None
    """at hand, instead of one that scores"""
    place: ShardPlace | None = None
    """of a run that is one shard of several"""


class _DifferedError(Exception):
    """The fast path read this SMILES otherwise than RDKit."""


def execute(run: Run, progress: Progress = SILENT) -> ScreenSummary:
    """Run to the end. What is done stays done: after any interruption the same run with ``resume`` continues.

    ``progress`` is told rows done and, where the reader knows it, rows in all. Should the fast path ever read a
    molecule otherwise than RDKit, the run goes on from its last finished shard with RDKit alone, and a note says so.
    Raises OutputError when an output may not or cannot be written, ShortageError and WorkersError for a machine that
    fails, and what the model or the library raise.
    """
    try:
        return _execute(run, progress)
    except (ShortageError, WorkersError) as error:
        error.args = (f"{error}{_what_is_kept(run)}",)
        raise
    except InputError as error:
        if isinstance(error.__cause__, RemoteError | PermissionError):
            error.args = (f"{error}{_what_is_kept(run)}",)
        raise
    except MolqError:
        raise
    except _DifferedError as differed:
        note = f"the fast path read {differed} otherwise than RDKit; please report this SMILES"
        if run.output is None or any(source.is_stream for source in run.reader.sources):
            raise OutputError(
                f"{note}. What was written since may be wrong and cannot be taken back: run it again with `audit=1`"
            ) from differed
    except Exception as error:
        if not is_shortage(error):
            raise
        raise ShortageError(f"{shortage(error, 'during the run')}{_what_is_kept(run)}") from error
    again = replace(
        run,
        reader=run.reopen(),
        job=msgspec.structs.replace(run.job, audit_rate=None),
        manner=replace(run.manner, resume=True),
    )
    summary = _execute(again, progress)
    notes = (f"{note}. RDKit has read everything since the last finished shard", *summary.notes)
    return msgspec.structs.replace(summary, notes=notes)


def _what_is_kept(run: Run) -> str:
    """How to go on after an error, where there is something to go on from."""
    if run.output is None or run.place is not None or not is_kept(run.output):
        return ""
    return ". What is done is kept: continue with `resume`"


def _execute(run: Run, progress: Progress) -> ScreenSummary:
    started = time.perf_counter()
    manner = run.manner
    with ExitStack() as stack:
        stack.callback(run.reader.close)
        _refuse_outputs(run, ())
        progress.stage("load")
        runner = run.runner or make_runner(run.job, manner, run.scorer)
        stack.callback(runner.stop)
        runner.start()
        identity = None if run.output is None else run.identify()
        if run.place is not None and identity is not None:
            found = run.place.found(identity, force=manner.force)
            if found is not None:
                return _found_shard(run, run.place, found)
        columns = runner.wait_until_ready()
        startup_seconds = time.perf_counter() - started
        _refuse_outputs(run, columns)
        sink = run.job.output.sink(columns)
        directory: Directory | ShardInWork | None = None
        if run.place is not None and identity is not None:
            directory = ShardInWork(run.place, identity, run.job.output.table, columns, run.reader.notes)
        elif run.output is not None and identity is not None:
            directory = begin(run.output, identity, resume=manner.resume, force=manner.force)
        if directory is not None:
            stack.callback(directory.close)
        stack.callback(sink.close)
        done = directory.done if directory else Tally()
        resumed_rows, watch = done.rows, Stopwatch()
        progress.stage("screen")
        try:
            sink.open(directory.path if directory else Path(), done.mark, done.complete)
            if not done.complete:
                _fill(run, runner, sink, done, directory, watch, progress)
            finished = sink.finish()
            outputs = [directory.put_in_place(file) for file in finished] if directory is not None else []
        except BrokenPipeError:
            raise
        except OSError as error:
            if is_shortage(error) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            remedy = RESUME if run.place is None else _AGAIN
            raise output_error(run.output or "standard output", error, remedy) from error
        if directory is not None:
            directory.remove()
    _refuse_total_failure(run, done, [url_of(path) for path in outputs])
    seconds = time.perf_counter() - started
    return ScreenSummary(
        rows=done.rows,
        scored=done.scored,
        rejected=done.rejected,
        seconds=seconds,
        startup_seconds=startup_seconds,
        mols_per_s=(done.rows - resumed_rows) / max(seconds - startup_seconds, 1e-9),
        resumed_rows=resumed_rows,
        workers=runner.n_workers,
        replaced_workers=runner.replaced,
        tasks=tasks_of(columns),
        outputs=tuple(seen(url_of(path)) for path in outputs),
        reasons=dict(sorted(done.reasons.items(), key=lambda item: -item[1])),
        audited=done.audited,
        stage_seconds=watch.seconds,
        notes=_notes(run, done),
    )


def _notes(run: Run, done: Tally) -> tuple[str, ...]:
    notes = (*run.reader.notes, *trailing_note(done.trailing, "; `strict` rejects them"), *_many_rejected(done))
    return notes if run.place is None else (*notes, *run.place.notes)


def _found_shard(run: Run, place: ShardPlace, found: ShardManifest) -> ScreenSummary:
    """What a shard that was there already came to."""
    done = found.done
    return ScreenSummary(
        rows=done.rows,
        scored=done.scored,
        rejected=done.rejected,
        seconds=0.0,
        startup_seconds=0.0,
        mols_per_s=0.0,
        resumed_rows=done.rows,
        workers=run.manner.n_workers,
        replaced_workers=0,
        tasks=tasks_of(found.columns),
        outputs=(seen(url_of(place.output)),),
        reasons=dict(sorted(done.reasons.items(), key=lambda item: -item[1])),
        audited=done.audited,
        stage_seconds={},
        notes=("the shard was done before; `force` does it again", *_notes(run, done)),
    )


def _refuse_total_failure(run: Run, done: Tally, outputs: list[str]) -> None:
    """Raises InputError when there were rows and no molecule among them: a column or a file is not what it seemed."""
    if not done.rows or done.scored or run.place is not None:
        return
    reason, n_rows = max(done.reasons.items(), key=lambda item: item[1])
    if any(reason.startswith(NO_NUMBER) for reason in done.reasons):
        raise ModelFileError(
            f"{', '.join(model.path for model in run.job.models) or 'the model'} gives no number as a score to any"
            f" molecule of {run.reader.sources[0].name}: its weights are too large to be used; get another copy, or"
            " train it anew"
        )
    example = f" The first row begins {run.reader.example!r}." if run.reader.example else ""
    written = f" {', '.join(outputs)} tells what was held against each." if outputs and not run.settings.top else ""
    raise InputError(
        f"none of {done.rows:,} rows of {run.reader.sources[0].name} is a molecule; {n_rows:,} of them: {reason}."
        f"{example}{written} Say which column holds the SMILES with `smiles_column`"
    )


def _many_rejected(done: Tally) -> list[str]:
    """A note when more than a tenth of the rows is rejected."""
    if done.rejected * _MANY <= done.rows:
        return []
    reason, n_rows = max(done.reasons.items(), key=lambda item: item[1])
    return [f"{done.rejected / done.rows:.0%} of the rows are rejected, {n_rows:,} of them for: {reason}"]


def _refuse_outputs(run: Run, columns: Columns) -> None:
    """Of the outputs that are known with these columns, those that may not be written; a run's own may, to go on."""
    inputs = [source.path for source in run.reader.sources]
    inputs += [model.path for model in run.job.models]
    if run.output is None:
        refuse_stdout(inputs)
        return
    if run.place is not None:
        make_folder(run.place.folder)
    refuse_output(run.output, inputs, force=True)
    if run.place is not None:
        return
    force = run.manner.force or may_replace(run.output, resume=run.manner.resume)
    refuse_outputs(run.job.output.paths(columns), inputs, force=force)


def _fill(
    run: Run,
    runner: ChunkRunner,
    sink: Sink,
    done: Tally,
    directory: Directory | ShardInWork | None,
    watch: Stopwatch,
    progress: Progress,
) -> None:
    shard_rows = run.settings.shard_rows
    chunks = _timed(run.reader.chunks(run.manner.chunk_rows, shard_rows, done.rows), watch)
    chunks = _same_stdin(chunks, run.reader, done)
    for result in runner.run(chunks, sink.bounds):
        if result.difference is not None:
            raise _DifferedError(result.difference)
        with watch("write"):
            sink.write(result.body)
        _count(done, result)
        watch.add(result.seconds)
        if directory is not None and done.rows % shard_rows == 0:
            _commit(run.reader, sink, done, directory, watch)
        progress.step(done.rows, run.reader.total_rows(done.rows))
    if directory is not None:
        done.complete = True
        _commit(run.reader, sink, done, directory, watch)
    else:
        sink.commit()
    progress.step(done.rows, done.rows)


def _count(done: Tally, result: ChunkResult) -> None:
    done.rows += result.n_rows
    done.scored += result.scored
    done.trailing += result.n_trailing
    done.audited += result.n_audited
    for reason, n in result.reasons.items():
        kind = reason if reason in done.reasons or len(done.reasons) < _REASON_KINDS else "other reasons"
        done.reasons[kind] = done.reasons.get(kind, 0) + n


def _commit(reader: ChunkSource, sink: Sink, done: Tally, directory: Directory | ShardInWork, watch: Stopwatch) -> None:
    with watch("write"):
        reader.refuse_changes()
        directory.check()
        done.mark = sink.commit()
        done.stdin_digest = reader.digest_at(done.rows)
        directory.save()


def _timed(chunks: Iterator[Chunk], watch: Stopwatch) -> Iterator[Chunk]:
    while True:
        with watch("read"):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _same_stdin(chunks: Iterator[Chunk], reader: ChunkSource, done: Tally) -> Iterator[Chunk]:
    """The chunks; refuses, before the first, a standard input that does not begin as that of the earlier session."""
    first = next(chunks, None)
    if done.rows and reader.digest_at(done.rows) != done.stdin_digest:
        raise OutputError("the run cannot be resumed: standard input has changed; start over with `force`")
    if first is not None:
        yield first
        yield from chunks
