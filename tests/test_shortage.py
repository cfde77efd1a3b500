from __future__ import annotations

import errno

import numpy as np
import pytest

from molq.errors import ShortageError
from molq.shortage import in_a_line, is_shortage, shortage


def raised_by(act) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        act()
    return caught.value


def arrow_without_memory():
    import pyarrow as pa

    pa.allocate_buffer(1 << 62)


def torch_without_memory():
    import torch

    torch.empty(1 << 50)


@pytest.mark.parametrize(
    "act", [lambda: np.empty(1 << 58, np.uint8), arrow_without_memory, torch_without_memory, lambda: bytes(1 << 62)]
)
def test_what_the_libraries_really_raise(act):
    assert is_shortage(raised_by(act))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ShortageError("no"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
    ],
)
def test_shortages(error):
    assert is_shortage(error)
    later = KeyError("what came of it")
    later.__context__ = error
    assert is_shortage(later)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("out of memory"),
        RuntimeError("Invariant Violation"),
        OSError(errno.EIO, "Input/output error"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        ImportError("no module named x"),
        RecursionError(),
    ],
)
def test_what_is_none(error):
    assert not is_shortage(error)


def test_it_is_said_in_a_line():
    assert in_a_line(MemoryError()) == "MemoryError"
    assert in_a_line(ValueError("two\n lines " + "x" * 999)).startswith("ValueError: two lines xxx")
    assert len(in_a_line(ValueError("x" * 999))) == 200
    said = shortage(MemoryError("Unable to\nallocate"), "while it worked")
    assert isinstance(said, ShortageError)
    assert (
        str(said)
        == "the machine ran short while it worked (MemoryError: Unable to allocate); free memory or disk space"
    )
