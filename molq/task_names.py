"""What a task may be called, and what its column and its file are called in every output."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from molq.errors import InputError

OWN_COLUMNS = ("row", "smiles", "id", "rejected")
"""of a table of scores, besides those of tasks and of the input"""
FILE_PART_BYTES = 100
"""the longest that a task may make the name of a file"""
_UNWRITABLE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, surrogates, and separators of lines and paragraphs"""


def require_task_names(tasks: Sequence[str]) -> None:
    """Returns when there are names, each stands once, and each can be written to any output.

    Raises InputError for an empty name, and for one with a line break, another control character or a lone surrogate.
    """
    if not tasks:
        raise InputError("there is no task; at least one must be named")
    require_distinct(tasks, "tasks")
    for name in tasks:
        if not name.strip():
            raise InputError(f"a task is called {name!r}; give it a name that can be seen")
        if bad := _unwritable(name):
            raise InputError(
                f"the task name {name[:60]!a} holds {bad!a}, which cannot be written to every output; "
                "give the task another name"
            )


def usable_task_names(stored: Sequence[str]) -> list[str]:
    """The names, but task_0, task_1, ... by their place for those that no task may have or that an earlier one has."""
    found: dict[str, None] = {}
    taken = set(stored)
    for i, name in enumerate(stored):
        if not name.strip() or _unwritable(name) or name in found:
            name = f"task_{i}"
            while name in taken:
                name += "_"
            taken.add(name)
        found[name] = None
    return list(found)


def require_distinct(names: Sequence[str], parameter: str) -> None:
    """Returns when each name stands once. Raises InputError, naming ``parameter``, for the first that does not."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"`{parameter}` names {name[:60]!a} twice; name it once")
        seen.add(name)


def task_columns(tasks: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """The column of each task: its name, or task_NAME where molq's own columns, or those ``taken``, are called so."""
    return _distinct(tasks, {*OWN_COLUMNS, *taken}, "task_")


def derived_names(names: Sequence[str], taken: Iterable[str]) -> list[str]:
    """What columns beside those of tasks are called: their names, or task_NAME where a task is ``taken`` to be so."""
    return _distinct(names, set(taken), "task_")


def input_columns(names: Sequence[str], tasks: Sequence[str]) -> list[str]:
    """The column of each kept column of the input: its name, or input_NAME where that is taken."""
    return _distinct(names, {*OWN_COLUMNS, *task_columns(tasks)}, "input_")


def file_parts(tasks: Sequence[str]) -> list[str]:
    """What stands for each task in the name of its file: readable, of bounded length, and different in each.

    Letters, digits, ``_``, ``-`` and ``.`` stay, of every script that the system's file names can hold; what stands
    between them becomes ``_``. Parts that would be alike, letter case aside, are numbered: ``Ki``, ``KI_2``.
    """
    plain = [_cut(_file_part(task), FILE_PART_BYTES) for task in tasks]
    parts, taken, numbers = list(plain), set[str](), dict[str, int]()
    for i in sorted(range(len(tasks)), key=lambda i: plain[i] != tasks[i]):  # who is really called so keeps the name
        key = _folded(plain[i])
        while _folded(parts[i]) in taken:
            numbers[key] = numbers.get(key, 1) + 1
            number = f"_{numbers[key]}"
            parts[i] = _cut(plain[i], FILE_PART_BYTES - len(number)) + number
        taken.add(_folded(parts[i]))
    return parts


def _unwritable(name: str) -> str | None:
    """The first letter of a name that not every output can hold."""
    return next((letter for letter in name if unicodedata.category(letter) in _UNWRITABLE), None)


def _distinct(names: Sequence[str], taken: Collection[str], prefix: str) -> list[str]:
    """The names, with the prefix as often as it takes where they are taken; no other name changes for it."""
    used = {*taken, *names}
    found = []
    for name in names:
        if name in taken:
            name = prefix + name
            while name in used:
                name = prefix + name
            used.add(name)
        found.append(name)
    return found


def _file_part(task: str) -> str:
    composed = unicodedata.normalize("NFC", task)
    return re.sub(r"\0+", "_", "".join(letter if _stays(letter) else "\0" for letter in composed))


def _stays(letter: str) -> bool:
    if letter not in "_-." and unicodedata.category(letter)[0] not in "LMN":
        return False
    try:
        os.fsencode(letter)
    except UnicodeEncodeError:
        return False
    return True


def _cut(text: str, n_bytes: int) -> str:
    return os.fsencode(text)[:n_bytes].decode(sys.getfilesystemencoding(), "ignore")


def _folded(text: str) -> str:
    """The same for all spellings that some file system takes for one name."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
