"""The numbers that a model gives of a molecule: what each is called, and of which task it says what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from molq.errors import InputError
from molq.task_names import derived_names

Part = Literal["value", "class", "std", "aleatoric", "epistemic", "lower", "upper", "uncertainty", "spread"]
"""what a column says of its task; ``value`` and ``class`` are predictions, the others how sure they are"""


class Column(msgspec.Struct, frozen=True):
    """A column of scores."""

    name: str
    task: str
    part: Part = "value"

    @property
    def is_prediction(self) -> bool:
        """Whether molecules are ranked by it, and labels held against it."""
        return self.part in ("value", "class")


Columns = tuple[Column, ...]


def columns_of(tasks: Sequence[str], parts: Sequence[tuple[str, Part]] = (("", "value"),)) -> Columns:
    """Those of every task in turn: for each part its column, called TASK or TASK_SUFFIX.

    A suffixed name that a task bears already is prefixed: see ``derived_names``.
    """
    derived = [(task, suffix) for task in tasks for suffix, _ in parts if suffix]
    names = dict(zip(derived, derived_names([f"{task}_{suffix}" for task, suffix in derived], tasks), strict=True))
    return tuple(Column(names.get((task, suffix), task), task, part) for task in tasks for suffix, part in parts)


def with_spread(columns: Columns) -> Columns:
    """The columns, and after them for each its difference between the members of an ensemble, NAME_spread."""
    taken = [name for column in columns for name in (column.name, column.task)]
    names = derived_names([f"{column.name}_spread" for column in columns], taken)
    return (*columns, *(Column(name, c.task, "spread") for name, c in zip(names, columns, strict=True)))


def tasks_of(columns: Columns) -> tuple[str, ...]:
    """The tasks, each once, in order."""
    return tuple(dict.fromkeys(column.task for column in columns))


def chosen(columns: Columns, names: Sequence[str] | None) -> list[int]:
    """Where the columns stand that are asked for: all of a task by its name, or a single one by its own.

    All of them for None. Raises InputError, which lists what there is, for a name of neither.
    """
    if names is None:
        return list(range(len(columns)))
    places: dict[int, None] = {}
    tasks = tasks_of(columns)
    for name in names:
        by = "task" if name in tasks else "name"
        found = [i for i, column in enumerate(columns) if getattr(column, by) == name]
        if not found:
            raise InputError(f"the model has no task {name!r}; its tasks: {', '.join(tasks)}")
        places |= dict.fromkeys(found)
    return list(places)


def ranked(columns: Columns) -> list[int]:
    """Where the columns stand that molecules are ranked by: the predictions, or all where none was chosen."""
    return [i for i, column in enumerate(columns) if column.is_prediction] or list(range(len(columns)))
