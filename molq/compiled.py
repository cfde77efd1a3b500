"""Numba's compiler with a cache that is never stale and always somewhere.

Numba looks at the file of a function alone, not at the functions of other files that were compiled into it. Here the
cache of a folder's kernels is named after the content of all of them. It lies beside them, else in the user's cache;
where neither can be written, kernels are compiled anew by every process, and the first says what that costs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.core.registry import cpu_target

_MARK = "@jit"


def compiler(module: str, *, reorders: bool = False) -> Callable[[Any], Any]:
    """The decorator ``jit`` for the functions of a module, given its ``__file__``. They run without the GIL.

    With ``reorders`` sums may be taken in any order, and their last bits depend on the CPU.
    """
    freedom = {"reassoc", "contract", "nsz"} if reorders else False
    folder = _cache_folder(Path(module).parent)

    def jit(function: Any) -> Any:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder or before)
        try:
            return numba.njit(cache=folder is not None, nogil=True, fastmath=freedom)(function)
        finally:
            config.CACHE_DIR = before

    return jit


def mark_of(module: str) -> Path | None:
    """A file beside the kernels of a module's folder, for who has compiled them to leave; None where nothing is kept.

    It is named after the CPU: kernels are compiled anew for another.
    """
    folder = _cache_folder(Path(module).parent)
    processor = repr(cpu_target.target_context.codegen().magic_tuple())
    return (
        folder and folder / f"compiled-{sys.version_info.minor}-{hashlib.sha256(processor.encode()).hexdigest()[:16]}"
    )


@cache
def _cache_folder(sources: Path) -> Path | None:
    content = hashlib.sha256(numba.__version__.encode())
    for path in sorted(sources.glob("*.py")):
        source = path.read_bytes()
        if _MARK.encode() in source:
            content.update(path.name.encode() + b"\0" + source)
    name = f"numba-{content.hexdigest()[:16]}"
    for parent in _parents(sources):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            for old in parent.glob("numba-*"):
                if old != folder:
                    shutil.rmtree(old, ignore_errors=True)
            return folder
    _say_once()
    return None


def _parents(sources: Path) -> list[Path]:
    """Where a cache may lie, the best place first."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(chosen) / "molq" / sources.name]
    user = os.environ.get("XDG_CACHE_HOME") or str(Path(os.environ.get("HOME", "/nonexistent")) / ".cache")
    return [sources / "__pycache__", Path(user) / "molq" / sources.name]


@cache
def _say_once() -> None:
    warnings.warn(
        "no folder can be written for compiled kernels, so every process compiles them anew, which takes 10 to 30 s; "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        RuntimeWarning,
        stacklevel=2,
    )
