from __future__ import annotations

import socket

from molq.records.chunk import Chunk
from molq.screening.workers.messages import Work
from molq.screening.workers.wire import receive
from molq.screening.workers.worker import Assignment, Worker


def test_what_is_given_is_what_the_worker_hears_and_the_oldest_is_finished_first():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        worker = Worker(7, mine)
        first = Assignment(0, Chunk(1, 500, 2, b"CC\nC\n"), blocks=[(0, 1), (1, 2)], skipped={1: "no"})
        second = Assignment(1, Chunk(0, 502, 1, b"O\n"))
        worker.give(first, [0.5, None])
        worker.take_up((0, 1))
        worker.give(second, ())
        assert worker.block == (0, 1), "a chunk in the queue does not change what is in work"
        heard = [receive(theirs), receive(theirs)]
        assert heard[0] == (Work(1, 500, 2, {1: "no"}, ((0, 1), (1, 2)), (0.5, None), False), b"CC\nC\n")
        assert heard[1] == (Work(0, 502, 1, {}, None, (), False), b"O\n")
        before = worker.since
        assert worker.finish() is first
        assert worker.block is None
        assert worker.since > before
        assert worker.assigned == [second]
