"""How a predictor is trained, as a value."""

from __future__ import annotations

import msgspec

from molq.errors import InputError
from molq.limits import BOUNDS, require_within

MONITORS = ("metric", "loss")
PARAMETERS = {"n_members": "members", "n_threads": "threads"}
"""fields that users know by another name"""


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a training run; the defaults are those of chemprop 2.3.

    The learning rate rises linearly from ``init_lr`` to ``max_lr`` over ``warmup_epochs``, then falls exponentially to
    ``final_lr``. The epoch kept is the best by ``monitor``: the validation ``metric`` (mean ROC-AUC, or mean RMSE) or
    the validation ``loss``. ``patience`` is the number of epochs without a better one after which training stops; None
    runs them all. ``grad_clip`` bounds the norm of the gradient. ``class_balance`` draws as many inactives as actives.
    Member i of an ensemble of ``n_members`` is trained with ``seed + i``. Steps are so short that threads wait for each
    other on a busy machine: two took 0.6 of the time of one on two idle cores, and five times it on two busy ones.
    """

    epochs: int = 50
    batch_size: int = 64
    max_lr: float = 1e-3
    init_lr: float = 1e-4
    final_lr: float = 1e-4
    warmup_epochs: int = 2
    patience: int | None = None
    monitor: str = "metric"
    class_balance: bool = False
    seed: int = 0
    grad_clip: float | None = None
    n_members: int = 1
    n_threads: int = 1

    def __post_init__(self) -> None:
        numbers = {PARAMETERS.get(name, name): getattr(self, name) for name in self.__struct_fields__}
        require_within(**{name: value for name, value in numbers.items() if name in BOUNDS})
        if self.monitor not in MONITORS:
            raise InputError(f"`monitor` must be one of {', '.join(MONITORS)}, not {self.monitor!r}")
