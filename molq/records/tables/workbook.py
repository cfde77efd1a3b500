"""Excel workbooks as CSV text, read in a process of their own whose memory and time are bounded.

A few kilobytes can hold two cells a million rows and columns apart, or one long text a million times, and who unpacks
them is ended by the system. Here that is the other process.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from typing import BinaryIO

from molq.errors import InputError
from molq.records.input.compression import MAX_HELD_BYTES
from molq.records.tables.sheet import sheet_as_csv

MAX_MEMORY_BYTES = 4 << 30
MAX_CPU_S = 120
_REFUSED = 3
"""exit status of a process that says why"""


def read_workbook(file: BinaryIO, name: str) -> tuple[bytes, list[str]]:
    """What ``sheet_as_csv`` gives. Raises InputError as it does, and for a workbook that takes more than the bounds."""
    data = file.read(MAX_HELD_BYTES + 1)
    if len(data) > MAX_HELD_BYTES:
        raise InputError(f"{name}: a workbook of more than {MAX_HELD_BYTES >> 20} MiB; save its sheet as CSV")
    if (n_bytes := _unpacked_bytes(data)) > MAX_HELD_BYTES:
        raise InputError(
            f"{name}: a workbook of {n_bytes >> 20:,} MiB when it is unpacked, and {MAX_HELD_BYTES >> 20:,} are the"
            " most; save its sheet as CSV"
        )
    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__, name, str(MAX_MEMORY_BYTES), str(MAX_CPU_S)],
        input=data,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    if done.returncode == _REFUSED:
        raise InputError(done.stderr.decode("utf-8", "replace"))
    if done.returncode:
        raise InputError(
            f"{name}: its first sheet does not fit into {MAX_MEMORY_BYTES >> 30} GiB of memory, or takes longer than"
            f" {MAX_CPU_S // 60} minutes to unpack; save it as CSV"
        )
    notes, _, text = done.stdout.partition(b"\n")
    return text, json.loads(notes)


def _unpacked_bytes(data: bytes) -> int:
    """As its directory says, 0 for what is no zip archive. Where it lies the other process is ended by the system."""
    try:
        return sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(data)).infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0


def _bound(n_bytes: int, seconds: int) -> None:
    """Where the system can, from here on the process may take no more than this."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    name, n_bytes, seconds = sys.argv[1:]
    _bound(int(n_bytes), int(seconds))
    try:
        text, notes = sheet_as_csv(io.BytesIO(sys.stdin.buffer.read()), name)
    except InputError as error:
        sys.stderr.write(str(error))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(json.dumps(notes).encode() + b"\n" + text)


if __name__ == "__main__":
    _main()
