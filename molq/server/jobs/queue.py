"""Jobs, one screened after the other, whatever happens to the server in between."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from threading import Condition, Thread

import msgspec
from msgspec.structs import replace

from molq.errors import InputError, MolqError, OutputError
from molq.screening.workers.job import ModelSource
from molq.serial import to_json
from molq.server.jobs.folder import JobFolder
from molq.server.jobs.job import JobOptions, ScreenJob
from molq.server.jobs.screening import Line, ScreenFailure, ScreenFinish, ScreenStep, ScreenTask
from molq.server.jobs.store import JobStore

_MOST_JOBS = 1000
"""that are remembered; the oldest finished ones go first"""
_RATE_STEPS = 20
_LINE: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class JobQueue:
    """The jobs of a folder. What a server that was killed left unfinished goes on.

    Uploads and results together take at most ``data_bytes``; the oldest finished jobs make room. Raises OutputError
    as ``JobFolder`` and ``JobStore`` do.
    """

    def __init__(
        self,
        folder: JobFolder,
        models: Sequence[ModelSource],
        n_workers: int,
        timeout_per_molecule: float,
        data_bytes: int,
    ) -> None:
        self.folder, self.data_bytes = folder, data_bytes
        self._n_workers, self._timeout = n_workers, timeout_per_molecule
        self._store = JobStore(folder.store)
        self._files = {model.path: model.sha256[:32] for model in models}
        folder.keep_models(models)
        self._changed = Condition()
        self._jobs: dict[str, ScreenJob] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._running: str | None = None
        self._closed = False
        self._recover()
        self._thread = Thread(target=self._work, daemon=True, name="jobs")
        self._thread.start()

    def _recover(self) -> None:
        for job in self._store.all():
            if job.state == "uploading":
                self._store.remove(job.id)
                self.folder.remove(job.id)
                continue
            if job.state == "running":
                job = replace(job, state="waiting", rows_per_s=None)
                self._store.put(job)
            if job.state == "done":
                self.folder.upload(job.id, job.filename).unlink(missing_ok=True)
            self._jobs[job.id] = job
        for id in self.folder.strangers(list(self._jobs)):
            self.folder.remove(id)
        needed = {digest for job in self._jobs.values() if job.state != "done" for digest in job.digests} | set(
            self._files.values()
        )
        self.folder.drop_models([self.folder.model(digest) for digest in needed])

    def new(self, filename: str, models: Sequence[str], options: JobOptions, columns: tuple[str, ...]) -> ScreenJob:
        """A job that is not kept yet."""
        return ScreenJob(
            id=secrets.token_hex(8),
            filename=filename,
            models=tuple(models),
            digests=tuple(self._files[name] for name in models),
            options=options,
            score_columns=columns,
            state="uploading",
            created=time.time(),
        )

    def begin(self, job: ScreenJob) -> None:
        """Keep a job whose file is still to come. Raises OutputError when that is not possible."""
        try:
            self.folder.of(job.id).mkdir(mode=0o700)
        except OSError as error:
            raise OutputError(f"the job cannot be kept ({error.strerror}); free disk space") from error
        with self._changed:
            self._forget_oldest()
            self._store.add(job)
            self._jobs[job.id] = job

    def uploaded(self, id: str, n_bytes: int) -> ScreenJob:
        """The file of a job is there: it waits for its turn. Raises InputError for one that was removed meanwhile."""
        with self._changed:
            if id not in self._jobs:
                raise InputError("the job was removed while its file was sent")
            return self._put(id, state="waiting", upload_bytes=n_bytes)

    def abandon(self, id: str) -> None:
        """Forget a job whose file does not come whole; where the store does not, the next server does."""
        with self._changed, contextlib.suppress(OutputError):
            self._forget(id)

    def get(self, id: str) -> ScreenJob | None:
        return self._jobs.get(id)

    def all(self) -> list[ScreenJob]:
        """The newest first."""
        return list(self._jobs.values())[::-1]

    def place(self, id: str) -> int | None:
        """In the line, 1 the next; None for a job that does not wait."""
        waiting = [job.id for job in list(self._jobs.values()) if job.state == "waiting"]
        return waiting.index(id) + 1 if id in waiting else None

    def cancel(self, id: str) -> ScreenJob:
        """It stops where it is. Raises InputError for one that has ended, and while its file is sent."""
        with self._changed:
            job = self._jobs[id]
            if job.is_final:
                raise InputError(f"the job has ended: it is {job.state}")
            if job.state == "uploading":
                raise InputError("the file of the job is still being sent: stop sending it, or delete the job")
            job = self._put(id, state="cancelled", finished=time.time(), rows_per_s=None)
            if self._running == id and self._process is not None:
                self._process.terminate()
            return job

    def resume(self, id: str) -> ScreenJob:
        """It waits again, and goes on from where it stopped. Raises InputError for one that did not stop early."""
        with self._changed:
            job = self._jobs[id]
            if job.state not in ("cancelled", "failed"):
                raise InputError(f"the job is {job.state}; one that was cancelled or has failed can be resumed")
            if self._running == id:
                self._changed.wait_for(lambda: self._running != id, 10)
            return self._put(id, state="waiting", finished=None, message=None)

    def remove(self, id: str) -> None:
        """It is cancelled, and all that is kept of it goes."""
        with self._changed:
            if self._jobs[id].state in ("waiting", "running"):
                self.cancel(id)
            self._changed.wait_for(lambda: self._running != id, 10)
            self._forget(id)

    def kept_bytes(self) -> int:
        """Of all jobs together."""
        return sum(self.folder.size_bytes(id) for id in list(self._jobs))

    def refuse_beyond(self, n_bytes: int) -> None:
        """Returns where so much more may be kept once all finished jobs have made room; none is removed.

        Raises OutputError where that would not help.
        """
        with self._changed:
            held = [id for id, job in self._jobs.items() if not (job.is_final and id != self._running)]
            kept = sum(map(self.folder.size_bytes, held))
            if kept + n_bytes > self.data_bytes:
                raise OutputError(self._too_much(n_bytes, kept))

    def make_room(self, n_bytes: int, spared: str | None = None) -> None:
        """Remove the oldest finished jobs, never the ``spared`` one, until so much more may be kept.

        Raises OutputError when that does not help.
        """
        with self._changed:
            while (kept := self.kept_bytes()) + n_bytes > self.data_bytes:
                may_go = (id for id, job in self._jobs.items() if job.is_final and id not in (self._running, spared))
                oldest = next(may_go, None)
                if oldest is None:
                    raise OutputError(self._too_much(n_bytes, kept))
                self._forget(oldest)

    def close(self) -> None:
        """Stop; what runs goes on when the next server starts."""
        with self._changed:
            self._closed = True
            if self._process is not None:
                self._process.terminate()
            self._changed.notify_all()
        self._thread.join(10)
        self._store.close()
        self.folder.close()

    def _too_much(self, n_bytes: int, kept: int) -> str:
        return (
            f"{n_bytes:,} bytes more do not fit: {kept:,} of {self.data_bytes:,} are kept for jobs that have not ended;"
            " wait for one to end, or delete it"
        )

    def _forget_oldest(self) -> None:
        for id in [id for id, job in self._jobs.items() if job.is_final][: max(0, len(self._jobs) + 1 - _MOST_JOBS)]:
            self._forget(id)

    def _forget(self, id: str) -> None:
        self._jobs.pop(id, None)
        self.folder.remove(id)
        self._store.remove(id)

    def _put(self, id: str, **changes: object) -> ScreenJob:
        """A job with something changed, kept. Raises OutputError where it cannot be kept; then nothing has changed."""
        with self._changed:
            job = replace(self._jobs[id], **changes)
            self._store.put(job)
            self._jobs[id] = job
            self._changed.notify_all()
            return job

    def _move_on(self, id: str, **changes: object) -> bool:
        """Change a job in the course of the queue's work; whether that is kept. If not, the next server works again."""
        with self._changed:
            self._jobs[id] = replace(self._jobs[id], **changes)
            self._changed.notify_all()
            try:
                self._store.put(self._jobs[id])
            except OutputError:
                return False
            return True

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                end = self._screened(job)
            except (OSError, MolqError, msgspec.MsgspecError) as error:
                end = ScreenFailure(f"the job could not be run: {error}")
            with self._changed:
                self._process, self._running = None, None
                is_done = isinstance(end, ScreenFinish)
                if (is_done or not self._closed) and job.id in self._jobs and self._jobs[job.id].state == "running":
                    self._settle(job, end)
                self._changed.notify_all()

    def _next(self) -> ScreenJob | None:
        """The first that waits, waited for; None when the queue is closed."""
        with self._changed:
            while True:
                if self._closed:
                    return None
                waiting = next((job for job in self._jobs.values() if job.state == "waiting"), None)
                if waiting is not None:
                    self._running = waiting.id
                    self._move_on(waiting.id, state="running", started=waiting.started or time.time())
                    return self._jobs[waiting.id]
                self._changed.wait()

    def _screened(self, job: ScreenJob) -> ScreenFinish | ScreenFailure:
        """How the screen of a job ended."""
        task = ScreenTask(
            models=tuple(str(self.folder.model(digest)) for digest in job.digests),
            library=str(self.folder.upload(job.id, job.filename)),
            output=str(self.folder.result(job.id)),
            workers=self._n_workers,
            timeout_per_molecule=self._timeout,
            options=job.options,
        )
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "molq.server.jobs.screening"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        with self._changed:
            self._process = process
            if self._closed or job.id not in self._jobs or self._jobs[job.id].state != "running":
                process.terminate()
        assert process.stdin is not None
        assert process.stdout is not None
        end: ScreenFinish | ScreenFailure | None = None
        with process.stdin as channel:
            channel.write(to_json(task))
        steps: deque[tuple[float, int]] = deque(maxlen=_RATE_STEPS)
        with process.stdout as lines:
            for line in lines:
                told = _LINE.decode(line)
                if isinstance(told, ScreenStep):
                    self._advance(job.id, told, steps)
                else:
                    end = told
        status = process.wait()
        return end or ScreenFailure(f"the screen ended {_in_words(status)}; resume it to go on from where it stopped")

    def _advance(self, id: str, step: ScreenStep, steps: deque[tuple[float, int]]) -> None:
        """Told, not kept: what is kept is in the run's own folder."""
        steps.append((time.monotonic(), step.rows))
        (first, before), (last, now) = steps[0], steps[-1]
        rate = (now - before) / (last - first) if last > first else None
        with self._changed:
            job = self._jobs.get(id)
            if job is not None and job.state == "running":
                self._jobs[id] = replace(job, rows_done=step.rows, rows_total=step.total, rows_per_s=rate)

    def _settle(self, job: ScreenJob, end: ScreenFinish | ScreenFailure) -> None:
        if isinstance(end, ScreenFailure):
            self._move_on(job.id, state="failed", finished=time.time(), message=end.message, rows_per_s=None)
            return
        is_kept = self._move_on(
            job.id,
            state="done",
            finished=time.time(),
            rows_done=end.rows,
            rows_total=end.rows,
            scored=end.scored,
            rejected=end.rejected,
            rows_per_s=end.rows_per_s,
            notes=end.notes,
            reasons=end.reasons,
            result_bytes=end.result_bytes,
        )
        if is_kept:
            self.folder.upload(job.id, job.filename).unlink(missing_ok=True)
        with contextlib.suppress(OutputError):
            self.make_room(0, job.id)


def _in_words(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with exit code {status}"
