"""Ensembles: several predictors of the same columns whose outputs are averaged."""

from __future__ import annotations

from collections.abc import Sequence

from molq.errors import InputError
from molq.nn.predictor import Predictor


class Ensemble:
    """Predictors of the same tasks, kind, feature set and recipe; its scores are of their mean outputs."""

    def __init__(self, members: Sequence[Predictor]) -> None:
        if not members:
            raise InputError("an ensemble needs at least one member")
        first = members[0]
        for i, member in enumerate(members):
            for name in ("tasks", "kind", "outputs", "feature_set", "recipe", "scheme"):
                if getattr(member, name) != getattr(first, name):
                    raise InputError(
                        f"member {i} of the ensemble differs in {name}: "
                        f"{getattr(member, name)}, where the first has {getattr(first, name)}"
                    )
        self.members = tuple(members)
        self.tasks, self.kind, self.columns, self.outputs = first.tasks, first.kind, first.columns, first.outputs
        self.feature_set, self.recipe, self.scheme = first.feature_set, first.recipe, first.scheme


Network = Predictor | Ensemble


def from_members(members: Sequence[Predictor]) -> Network:
    """The only member itself, or the ensemble of all."""
    return members[0] if len(members) == 1 else Ensemble(members)
