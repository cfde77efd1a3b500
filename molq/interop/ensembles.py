"""Checkpoints as members of one ensemble: the same endpoints, in one order, by the names that their files hold."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from os.path import commonpath
from pathlib import Path
from typing import NamedTuple

import msgspec
from torch import Tensor

from molq.chem.recipe import Recipe
from molq.errors import CheckpointError, MolqError
from molq.interop.checkpoint import Checkpoint
from molq.nn.config import PredictorConfig
from molq.nn.outputs import Outputs
from molq.nn.predictor import Predictor
from molq.visible import one_line

_N_SHOWN = 8
_ALIKE = {"outputs": "kind", "feature_set": "feature set", "recipe": "recipe"}


class Aligned(NamedTuple):
    """Predictors with the same tasks in the same order, and what was done for it, in words."""

    predictors: list[Predictor]
    places: list[list[int]]
    """where each task stands in each file"""
    notes: list[str]


def align(members: Sequence[Checkpoint], tasks: Sequence[str] | None = None) -> Aligned:
    """The members with their tasks in the order of the first that names its own, then called ``tasks``.

    Members that do not name theirs are taken to list them in that order if ``tasks`` says which they are. Raises
    CheckpointError when it does not, and when members predict different endpoints or are of different kinds.
    """
    named = [member for member in members if member.names is not None]
    unnamed = [member for member in members if member.names is None]
    _require_same_endpoints(named)
    _require_alike(members)
    if unnamed and len(members) > 1 and tasks is None:
        raise CheckpointError(
            f"{unnamed[0].path}: it does not name its tasks, so whether it predicts what the other"
            f" {len(members) - 1} checkpoints predict, and in their order, cannot be known; if all do,"
            " name them in this order with `tasks`"
        )
    first = (named or unnamed)[0]
    order, usable = first.names or first.predictor.tasks, first.predictor.tasks
    _require_as_many(members, order)
    names = usable if tasks is None else tuple(tasks)
    if len(names) != len(order):
        raise CheckpointError(
            f"{members[0].path}: it predicts {len(order)} tasks, and {len(names)} names are given for them"
        )
    notes = []
    if n := sum(member.names != order for member in named):
        notes.append(f"tasks of {n} {_members(n)} put into the order of the first, by their names in the files")
    if (n := len(unnamed)) and len(members) > 1:
        notes.append(f"{n} {_members(n)} without task names, taken to list them in the order given")
    if named and names != usable:
        notes.append("tasks renamed: " + _shown([f"{old} → {new}" for old, new in zip(usable, names, strict=True)]))
    places = [[(m.names or order).index(task) for task in order] for m in members]
    try:
        made = [_with_tasks(m.predictor, at, names) for m, at in zip(members, places, strict=True)]
        return Aligned(made, places, notes)
    except MolqError as error:
        raise CheckpointError(f"{members[0].path}: {error}") from error


def _require_same_endpoints(named: Sequence[Checkpoint]) -> None:
    """Returns when the members name the same tasks, in whatever order."""
    groups: dict[frozenset[str], list[Checkpoint]] = {}
    for member in named:
        groups.setdefault(frozenset(member.names or ()), []).append(member)
    if len(groups) < 2:
        return
    endpoints = [f"{_tasks(group[0], groups)} ({_shown(_places(group, named))})" for group in groups.values()]
    first = shlex.join(_places(next(iter(groups.values())), named))
    raise CheckpointError(
        f"these checkpoints predict different endpoints, so they are no ensemble: {_shown(endpoints)}; import each by"
        f" itself, as in `molq import {first} -o FILE.molq`"
    )


def _tasks(member: Checkpoint, groups: Mapping[frozenset[str], object]) -> str:
    """The tasks of a group, first those that not every group has."""
    everywhere = frozenset.intersection(*groups)
    tasks = sorted(member.names or (), key=lambda task: task in everywhere)
    return _shown([one_line(task[:60]) for task in tasks])


def _places(group: Sequence[Checkpoint], named: Sequence[Checkpoint]) -> list[str]:
    """The folder that holds the group and no other member; where there is none, its files."""
    paths = [member.path for member in group]
    folder = Path(commonpath([path.parent.absolute() for path in paths]))
    if len(paths) > 1 and not any(m.path.absolute().is_relative_to(folder) for m in named if m not in group):
        return [str(next((parent for parent in paths[0].parents if parent.absolute() == folder), folder))]
    return [str(path) for path in paths]


def _require_alike(members: Sequence[Checkpoint]) -> None:
    """Returns when the members are of one kind and see the same features of a molecule."""
    first = members[0]
    for member in members[1:]:
        for field, words in _ALIKE.items():
            here, there = getattr(member.predictor, field), getattr(first.predictor, field)
            if here != there:
                raise CheckpointError(
                    f"{member.path}: its {words} is {_said(here)}, and that of {first.path} is {_said(there)}, so the"
                    " two are no ensemble; import each by itself"
                )


def _said(value: str | Outputs | Recipe) -> str:
    return value.in_words or "implicit hydrogens" if isinstance(value, Recipe) else str(value)


def _require_as_many(members: Sequence[Checkpoint], order: tuple[str, ...]) -> None:
    for member in members:
        if (n := len(member.predictor.tasks)) != len(order):
            raise CheckpointError(
                f"{member.path}: it predicts {n} tasks, and the others predict {len(order)}, so they are no ensemble;"
                " import each by itself"
            )


def _with_tasks(predictor: Predictor, places: list[int], names: tuple[str, ...]) -> Predictor:
    """The predictor with the outputs of its tasks put into the order of ``places`` and called ``names``."""
    if places == sorted(places) and predictor.tasks == names:
        return predictor
    config: PredictorConfig = msgspec.structs.replace(predictor.config, tasks=names)
    last = f"head.layers.{len(config.head_hidden)}."
    of_tasks = {f"{last}weight", f"{last}bias", "output_mean", "output_scale"}
    if not config.head_hidden:
        of_tasks.add("head.extras.weight")
    state = {
        key: _by_place(value, places) if key in of_tasks else value for key, value in predictor.state_dict().items()
    }
    made = Predictor(config).eval()
    made.load_state_dict(state)
    return made


def _by_place(rows: Tensor, places: list[int]) -> Tensor:
    """The rows, as many beside each other for one task as for any, with the tasks in the order of ``places``."""
    return rows.reshape(len(places), -1, *rows.shape[1:])[places].reshape(rows.shape)


def _members(n: int) -> str:
    return "member" if n == 1 else "members"


def _shown(words: Sequence[str]) -> str:
    rest = f" and {len(words) - _N_SHOWN} more" if len(words) > _N_SHOWN else ""
    return ", ".join(words[:_N_SHOWN]) + rest
