"""Which shard a process is, as it was told or as the scheduler that started it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from molq.errors import InputError
from molq.records.shard import Shard, read_shard

AUTO = "auto"


class _Scheduler(NamedTuple):
    """The variables in which a scheduler numbers the tasks of an array."""

    name: str
    task: str
    first: str | None
    last: str | None
    n_tasks: str | None = None


_SCHEDULERS = (
    _Scheduler(
        "Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT"
    ),
    _Scheduler("PBS", "PBS_ARRAY_INDEX", None, None),
    _Scheduler("Torque", "PBS_ARRAYID", None, None),
    _Scheduler("Grid Engine", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST"),
    _Scheduler("LSF", "LSB_JOBINDEX", None, "LSB_JOBINDEX_END"),
)


def shard_of(text: str, environment: Mapping[str, str]) -> Shard:
    """The shard that ``3/200``, ``auto`` or ``auto/200`` names; the last two take the number of the array's task.

    Raises InputError for a text that names none, outside of an array, and where the tasks are not numbered from 1, or
    for ``auto`` from 0, without gaps: a part of the shards again is asked for with ``auto/COUNT``.
    """
    word, _, count = text.strip().partition("/")
    if word.strip().lower() != AUTO:
        return read_shard(text)
    scheduler = next((one for one in _SCHEDULERS if _number(environment, one.task) is not None), None)
    if scheduler is None:
        named = ", ".join(one.task for one in _SCHEDULERS)
        raise InputError(f"`shard` is {text!r}, but this is no task of an array: none of {named} is set to a number")
    task = _number(environment, scheduler.task)
    if count:
        return read_shard(f"{task}/{count}")
    first, last, n_tasks = (_number(environment, name) for name in (scheduler.first, scheduler.last, scheduler.n_tasks))
    first = 1 if scheduler.first is None else first
    if task is None or first is None or last is None:
        raise InputError(
            f"{scheduler.name} does not say how many tasks the array has; say it: `shard` is auto/200 for 200 of them"
        )
    n_tasks = last - first + 1 if n_tasks is None else n_tasks
    if first not in (0, 1) or last - first + 1 != n_tasks or not first <= task <= last:
        raise InputError(
            f"the {n_tasks} tasks of the {scheduler.name} array are numbered from {first} to {last}, so they are not"
            " all shards; say of how many they are some: `shard` is auto/200 for shards of 200"
        )
    return Shard(task - first + 1, n_tasks)


def _number(environment: Mapping[str, str], name: str | None) -> int | None:
    """A variable's number; None where it is missing, or says such as "undefined" that there is no array."""
    text = environment.get(name or "", "").strip()
    return int(text) if text.isdecimal() and not (name == "LSB_JOBINDEX" and text == "0") else None
