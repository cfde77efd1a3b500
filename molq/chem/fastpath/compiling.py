"""Whether the fast path is compiled on this machine; where it is not, a process beside does it while RDKit reads.

It takes longer than everything else that a first run waits for, and RDKit gives the same bytes meanwhile.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from threading import Thread

import numpy as np

from molq.chem.fastpath.kernel import pack_batch
from molq.chem.fastpath.memory import RingMemory
from molq.chem.fastpath.workspace import make_workspace
from molq.compiled import mark_of

_EXAMPLE = b"C[C@H](N)C(=O)Oc1ccccc1/C=C/F"


class Compilation:
    """The kernels of the fast path on their way into the cache of this machine."""

    def __init__(self) -> None:
        self._mark = mark_of(__file__)
        """the file that says that they are there; None where nothing is kept and waiting would be in vain"""
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        """of the process that started it"""

    def is_over(self) -> bool:
        """Whether the kernels can be called without waiting for them; who asks first has them compiled.

        Also when that failed, so that the reason is met by who calls them.
        """
        if self._mark is None or self._mark.exists():
            return True
        if self._process is None:
            self._process, self._pid = _started(), os.getpid()
        return self._pid == os.getpid() and self._process.poll() is not None


@cache
def compilation() -> Compilation:
    """The one of this process and of those that are forked from it."""
    return Compilation()


def compile_now() -> None:
    """Compiles the kernels and leaves the mark."""
    mark = mark_of(__file__)
    if mark is None or not mark.exists():
        _call()
    if mark is not None:
        mark.touch()


def _call() -> None:
    text, n = np.frombuffer(_EXAMPLE, np.uint8), len(_EXAMPLE)
    numbers = [np.empty(size, kind) for size, kind in ((n, np.uint64), (2 * n, np.uint16), ((2 * n, 2), np.int32))]
    starts = np.zeros(2, np.int32), np.zeros(2, np.int32)
    one = np.array([0], np.int64), np.array([n], np.int64)
    pack_batch(text, *one, 1000, RingMemory().table, make_workspace(), *numbers, *starts, np.empty(1, np.uint8))


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def _end_with_parent() -> None:
    """What was compiled until then stays in the cache."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    Thread(target=_end_with_parent, daemon=True).start()
    compile_now()
