from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from molq.columns import columns_of
from molq.screening.workers.messages import At, Broken, Fork, Forked, Ready
from molq.screening.workers.wire import Mailbox, Received, receive, receive_request, send, send_request

MESSAGES = [
    Received(Ready(columns_of(("a",))), b""),
    Received(At((1, 2)), b"\0" * 3),
    Received(Broken("é" * 1000), b"x" * 2_000_000),
]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        yield mine, theirs


def wire_of(messages: list[Received]) -> bytearray:
    """The bytes that carry them."""
    wire = bytearray()
    spy, out = socket.socketpair()
    with out, spy:
        sender = threading.Thread(target=lambda: ([send(spy, *message) for message in messages], spy.close()))
        sender.start()
        while data := out.recv(1 << 16):
            wire += data
        sender.join()
    return wire


def test_messages_arrive_whole_and_in_order(ends):
    mine, theirs = ends
    sender = threading.Thread(target=lambda: [send(mine, *message) for message in MESSAGES])
    sender.start()
    assert [receive(theirs) for _ in MESSAGES] == MESSAGES
    sender.join()


def test_the_other_side_gone_is_no_message(ends):
    mine, theirs = ends
    send(mine, Ready(()))
    mine.close()
    assert receive(theirs) == Received(Ready(()), b"")
    assert receive(theirs) is None


def test_half_a_message_is_no_message(ends):
    mine, theirs = ends
    mine.sendall(wire_of([Received(Broken("text"), b"body")])[:-1])
    mine.close()
    assert receive(theirs) is None


def test_a_mailbox_puts_pieces_together(ends):
    mine, theirs = ends
    box, found = Mailbox(theirs), []
    wire, chance = wire_of(MESSAGES), random.Random(1)
    while wire:
        n = chance.randrange(1, 60_000)
        mine.sendall(wire[:n])
        del wire[:n]
        found += list(box.collect())
    assert found == MESSAGES
    assert box.open
    mine.close()
    assert list(box.collect()) == []
    assert not box.open


def test_a_mailbox_never_waits_for_a_slow_worker(ends):
    mine, theirs = ends
    box = Mailbox(mine)
    started = time.monotonic()
    for message in MESSAGES * 3:
        box.post(*message)
    assert time.monotonic() - started < 5
    assert box.wants_to_write
    found = []
    reader = threading.Thread(target=lambda: found.extend(receive(theirs) for _ in MESSAGES * 3))
    reader.start()
    while box.wants_to_write:
        box.flush()
        time.sleep(0.001)
    reader.join()
    assert found == MESSAGES * 3


def test_a_mailbox_notices_that_it_speaks_to_nobody(ends):
    mine, theirs = ends
    box = Mailbox(mine)
    theirs.close()
    box.post(Ready(()))
    assert not box.open


def test_a_request_brings_its_descriptors(ends):
    mine, theirs = ends
    read, write = os.pipe()
    send_request(mine, Fork(), [write])
    os.close(write)
    message, descriptors = receive_request(theirs)
    assert message == Fork()
    os.write(descriptors[0], b"here")
    assert os.read(read, 10) == b"here"
    os.close(descriptors[0])
    os.close(read)
    send_request(mine, Forked(3), [])
    assert receive_request(theirs) == (Forked(3), [])
    mine.close()
    assert receive_request(theirs) == (None, [])
