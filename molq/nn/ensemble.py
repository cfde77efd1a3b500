"""Ensembles: several predictors of the same tasks whose scores are averaged."""

from __future__ import annotations

from collections.abc import Sequence

from molq.errors import InputError
from molq.nn.predictor import Predictor


class Ensemble:
    """Predictors of the same tasks, kind, feature set and recipe; its score is the mean of theirs."""

    def __init__(self, members: Sequence[Predictor]) -> None:
        if not members:
            raise InputError("an ensemble needs at least one member")
        first = members[0]
        for i, member in enumerate(members):
            for name in ("tasks", "kind", "feature_set", "recipe", "scheme"):
                if getattr(member, name) != getattr(first, name):
                    raise InputError(
                        f"member {i} of the ensemble differs in {name}: "
                        f"{getattr(member, name)!r}, where the first has {getattr(first, name)!r}"
                    )
        self.members = tuple(members)
        self.tasks, self.kind, self.feature_set = first.tasks, first.kind, first.feature_set
        self.recipe, self.scheme = first.recipe, first.scheme


Network = Predictor | Ensemble


def from_members(members: Sequence[Predictor]) -> Network:
    """The only member itself, or the ensemble of all."""
    return members[0] if len(members) == 1 else Ensemble(members)
