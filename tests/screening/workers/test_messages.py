from __future__ import annotations

import math
from typing import get_args

import msgspec
import pytest

from molq.columns import columns_of
from molq.screening.output.standard_output import StandardOutput
from molq.screening.output.table import OutputTable
from molq.screening.workers import messages
from molq.screening.workers.job import Job, ModelSource

JOB = Job(
    models=(ModelSource("m.molq", b"m"), ModelSource("m", b"\0")),
    output=StandardOutput(OutputTable(True)),
    layouts=(),
    max_atoms=9,
    audit_rate=0.01,
)
SAMPLES = [
    messages.Load(JOB),
    messages.Ready(columns_of(("a", "ü"))),
    messages.Fork(),
    messages.Forked(7),
    messages.Wait(7),
    messages.Ended(-9),
    messages.Ended(None),
    messages.Work(1, 1 << 40, 3, {2: "no"}, ((0, 1), (1, 3)), (None, 0.1, -math.inf), False),
    messages.Work(0, 0, 1, {}, None, (), True),
    messages.At((0, 32)),
    messages.At(None),
    messages.ChunkDone(3, 2, {"no": 1}, {"score": 0.5}, 1, 1, None),
    messages.Failed("InputError", "no"),
    messages.Broken("trace"),
    messages.Short("MemoryError"),
]


def test_there_is_a_sample_of_every_message():
    assert {type(sample) for sample in SAMPLES} == set(get_args(messages.Message))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_a_message_arrives_as_it_was_sent_and_of_its_kind(sample):
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(sample), type=messages.Message)
    assert found == sample
    assert type(found) is type(sample)


def test_what_is_no_message_is_not_taken_for_one():
    for foreign in ({"type": "Stop"}, {"type": "Forked", "pid": "7"}, {"type": "Forked"}, [1]):
        with pytest.raises(msgspec.ValidationError):
            msgspec.msgpack.decode(msgspec.msgpack.encode(foreign), type=messages.Message)
