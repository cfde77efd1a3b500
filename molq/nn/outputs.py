"""What a head's numbers stand for: how many logits a task takes, and which columns come of them.

The logits of a task stand beside each other, those of the first task first. Every member of an ensemble makes
``outputs`` of its logits, which are averaged over members; of their mean come the scores. So the standard deviation of
an ensemble is the root of its members' mean variance, as in chemprop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from molq.columns import Columns, Part, columns_of
from molq.errors import InputError

MAX_CLASSES = 1000


class Form(NamedTuple):
    """The logits and the columns of one task."""

    n_logits: int
    parts: tuple[tuple[str, Part], ...] = (("", "value"),)
    """suffix and part of each column"""

    @property
    def roots(self) -> tuple[bool, ...]:
        """For each column, whether its output is a variance, of which the score is the root."""
        return tuple(part in ("std", "aleatoric", "epistemic") for _, part in self.parts)


UNCERTAINTIES: Mapping[str, Mapping[str, Form]] = {
    "regression": {
        "mve": Form(2, (("", "value"), ("std", "std"))),
        "evidential": Form(4, (("", "value"), ("std", "std"), ("aleatoric", "aleatoric"), ("epistemic", "epistemic"))),
        "quantile": Form(2, (("", "value"), ("lower", "lower"), ("upper", "upper"))),
    },
    "classification": {"dirichlet": Form(2, (("", "value"), ("uncertainty", "uncertainty")))},
    "multiclass": {"dirichlet": Form(0, (("uncertainty", "uncertainty"),))},
}
"""per kind of task, what a head may say of its own error; a multiclass one has a logit and a column per class too

- ``mve``: mean and variance (Nix and Weigend 1994).
- ``evidential``: a normal-inverse-gamma distribution (Amini et al. 2020); std² = aleatoric² + epistemic².
- ``quantile``: two quantiles, their middle being the value.
- ``dirichlet``: evidence for each class (Sensoy et al. 2018); the uncertainty is the number of classes over all of it.
"""


class Outputs(msgspec.Struct, frozen=True):
    """What a head gives: a kind of task, what it says of its own error, and how many classes it tells apart.

    Raises InputError for a combination that makes no sense.
    """

    kind: str
    uncertainty: str | None = None
    n_classes: int | None = None

    def __post_init__(self) -> None:
        choices = UNCERTAINTIES[self.kind]
        if self.uncertainty is not None and self.uncertainty not in choices:
            raise InputError(
                f"uncertainty must be one of {', '.join(choices)} for {self.kind}, not {self.uncertainty[:40]!r}"
            )
        if (self.n_classes is None) == (self.kind == "multiclass"):
            raise InputError("n_classes is for multiclass tasks, which need it, and for no others")
        if self.n_classes is not None and not 2 <= self.n_classes <= MAX_CLASSES:
            raise InputError(f"n_classes must lie between 2 and {MAX_CLASSES:,}, not {self.n_classes}")

    def __str__(self) -> str:
        classes = "" if self.n_classes is None else f" of {self.n_classes} classes"
        return self.kind + classes + ("" if self.uncertainty is None else f" with {self.uncertainty} uncertainty")

    @property
    def form(self) -> Form:
        """Of every task."""
        form = Form(1) if self.uncertainty is None else UNCERTAINTIES[self.kind][self.uncertainty]
        if self.n_classes is None:
            return form
        classes: tuple[tuple[str, Part], ...] = tuple((str(i), "class") for i in range(self.n_classes))
        return Form(self.n_classes, (*classes, *(form.parts if self.uncertainty is not None else ())))

    def columns(self, tasks: tuple[str, ...]) -> Columns:
        """Of all tasks, one after the other."""
        return columns_of(tasks, self.form.parts)
