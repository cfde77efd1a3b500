"""Chunks through Ray actors and back in order, whatever happens to actors and nodes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from molq import __version__
from molq.columns import Columns
from molq.errors import WorkersError
from molq.records.chunk import Chunk, ChunkResult
from molq.screening.workers.job import Job
from molq.screening.workers.messages import Ready
from molq.screening.workers.model_process import raise_reported
from molq.screening.workers.ray_actor import CallDone, ScoringActor
from molq.screening.workers.ray_session import ray_session

_CHUNKS_PER_CALL = 8
_CALL_BYTES = 1 << 20
"""of raw records, beyond which a call takes no further chunk"""
_CALLS_PER_ACTOR = 2
_LOOK_AHEAD_PER_ACTOR = 6
"""calls that may be read before the oldest of them is written"""
_LOOK_AHEAD_BYTES = 64 << 20
_MAX_DEATHS_WITHOUT_RESULT = 24
_LOADS = 4
"""actors that may be lost before any of them has loaded the model"""
_PLACE_SECONDS = 600.0
"""for an actor to be placed and to load the model, while none is ready: nodes started on demand take minutes"""
_LISTEN_SECONDS = 1.0


@dataclass
class _Call:
    """Consecutive chunks on their way through the actors."""

    number: int
    chunks: list[Chunk]
    losses: int = 0
    """actors lost over it"""

    @property
    def n_bytes(self) -> int:
        return sum(len(chunk.body) for chunk in self.chunks)


@dataclass
class _Actor:
    """An actor and what it was asked, oldest first."""

    handle: Any
    loading: Any = None
    """the answer to be waited for before it gets anything to do"""
    asked: deque[tuple[_Call, Any]] = field(default_factory=deque)

    @property
    def next_answer(self) -> Any:
        return self.loading if self.loading is not None else self.asked[0][1] if self.asked else None


class RayActors:
    """Actors of a CPU each, wherever Ray has room for them, each with a worker process of its own.

    The model travels once to each node. ``n_actors`` None asks for as many as there are CPUs. Chunks are kept here
    until their results have come, so an actor or a node that is lost costs what it was working on, which is given out
    again; molecules at fault are found within the actors.
    """

    def __init__(self, job: Job, n_cpus: int, n_actors: int | None, timeout: float, address: str | None) -> None:
        self._job, self._n_cpus, self._timeout, self._address = job, n_cpus, timeout, address
        self._n_actors = n_actors
        self._actors: list[_Actor] = []
        self._again: list[_Call] = []
        self._done: dict[int, list[ChunkResult]] = {}
        self._deaths = 0
        self._without_actor_s = 0.0
        """of waiting while no actor is ready"""
        self._columns: Columns | None = None
        self._stack = ExitStack()
        self.replaced = 0

    @property
    def n_workers(self) -> int:
        return self._n_actors or self._n_cpus

    def start(self) -> None:
        """Connect, and ask for the actors. Raises InputError when no Ray answers at the address."""
        import ray

        self._stack.enter_context(ray_session(self._address, self.n_workers))
        if self._n_actors is None:
            self._n_actors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._kind = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(ScoringActor)
        self._shared_job = ray.put(self._job)
        self._stack.callback(self._end_actors)
        self._staff()

    def wait_until_ready(self) -> Columns:
        """The chosen ones. Raises what loading the model raised, and WorkersError when no actor comes to be."""
        while self._columns is None:
            self._wait()
            self._staff()
        return self._columns

    def run(
        self, chunks: Iterator[Chunk], bounds: Callable[[], Sequence[float | None]] = lambda: ()
    ) -> Iterator[ChunkResult]:
        """Results in the order of ``chunks``; at most a fixed number of chunks is read ahead.

        Raises WorkersError when actors are lost again and again, or no other ones come in their place.
        """
        calls = _calls(chunks)
        wanted, given, exhausted = 0, 0, False
        sizes: dict[int, int] = {}
        while True:
            self._staff()
            while (actor := self._free_actor()) is not None:
                if self._again:
                    self._give(actor, self._again.pop(0), bounds())
                    continue
                if exhausted or given >= wanted + _LOOK_AHEAD_PER_ACTOR * self.n_workers:
                    break
                if sum(sizes.values()) > _LOOK_AHEAD_BYTES + _CALL_BYTES * self.n_workers:
                    break
                call = next(calls, None)
                if call is None:
                    exhausted = True
                else:
                    self._give(actor, call, bounds())
                    sizes[given] = call.n_bytes
                    given += 1
            if wanted in self._done:
                del sizes[wanted]
                yield from self._done.pop(wanted)
                wanted += 1
            elif exhausted and wanted == given:
                return
            else:
                self._wait()

    def stop(self) -> None:
        """End all actors, and a Ray that was started for them."""
        self._stack.close()

    def _staff(self) -> None:
        """As many actors as there should be; those for which there is no room yet wait for it."""
        while len(self._actors) < self.n_workers:
            handle = self._kind.remote(__version__, self._shared_job, self._timeout)
            self._actors.append(_Actor(handle, handle.load.remote()))

    def _free_actor(self) -> _Actor | None:
        ready = [actor for actor in self._actors if actor.loading is None]
        least = min(ready, key=lambda actor: len(actor.asked), default=None)
        return least if least is not None and len(least.asked) < _CALLS_PER_ACTOR else None

    def _give(self, actor: _Actor, call: _Call, bounds: Sequence[float | None]) -> None:
        actor.asked.append((call, actor.handle.score.remote(call.chunks, tuple(bounds))))

    def _wait(self) -> None:
        """Until an actor has something to say. Raises WorkersError when for long there has been none that is ready."""
        import ray

        begun = time.monotonic()
        waited_for = {actor.next_answer: actor for actor in self._actors if actor.next_answer is not None}
        answered, _ = ray.wait(list(waited_for), num_returns=1, timeout=_LISTEN_SECONDS)
        for reference in answered:
            self._listen(waited_for[reference], reference)
        has_ready = any(actor.loading is None for actor in self._actors)
        self._without_actor_s = 0.0 if has_ready else self._without_actor_s + time.monotonic() - begun
        if self._without_actor_s > _PLACE_SECONDS:
            raise WorkersError(f"no actor was ready within {_PLACE_SECONDS:g} s: {_free_cpus()}")

    def _listen(self, actor: _Actor, reference: Any) -> None:
        import ray

        try:
            answer = ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            raise RuntimeError(f"an actor failed:\n{error}") from error
        except ray.exceptions.RayError as error:
            self._replace(actor, error)
            return
        match answer:
            case Ready(columns):
                actor.loading, self._columns = None, columns
            case CallDone(results, replaced):
                call, _ = actor.asked.popleft()
                self._done[call.number] = results
                self.replaced += replaced
            case _:
                raise_reported(answer)
        self._deaths = 0

    def _replace(self, actor: _Actor, error: Exception) -> None:
        """Take leave of an actor that is lost, and give its calls out again.

        Raises WorkersError when nothing else happens any more.
        """
        import ray

        self._actors.remove(actor)
        ray.kill(actor.handle)
        self._again[:0] = [call for call, _ in actor.asked]
        for call, _ in list(actor.asked)[:1]:
            call.losses += 1
        self._deaths += 1
        self.replaced += 1
        losses = max([self._deaths, *(call.losses for call, _ in actor.asked)])
        if losses > (_LOADS if self._columns is None else _MAX_DEATHS_WITHOUT_RESULT):
            raise WorkersError(
                f"{losses} actors in a row were lost without a result, the last of them so: {_in_a_line(error)}; see"
                " whether the nodes have memory enough and molq is installed on each, or take a lower `concurrency`"
            )

    def _end_actors(self) -> None:
        import ray

        for actor in self._actors:
            ray.kill(actor.handle)


def _calls(chunks: Iterator[Chunk]) -> Iterator[_Call]:
    """The chunks in numbered calls, several together, as each call has a price."""
    number, together = 0, list[Chunk]()
    for chunk in chunks:
        together.append(chunk)
        if len(together) >= _CHUNKS_PER_CALL or sum(len(one.body) for one in together) >= _CALL_BYTES:
            yield _Call(number, together)
            number, together = number + 1, []
    if together:
        yield _Call(number, together)


def _free_cpus() -> str:
    import ray

    free, all_ = (int(found.get("CPU", 0)) for found in (ray.available_resources(), ray.cluster_resources()))
    return f"{free} of the cluster's {all_} CPUs are free; wait for other work to end, or add nodes"


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
