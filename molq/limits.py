"""How much a caller may ask for: the bounds of every number, stated once for the command line, Python and files alike.

What lies beyond is refused before any work begins.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from molq.errors import InputError

MAX_SEED = (1 << 32) - 1
"""as in NumPy's and scikit-learn's generators"""
MAX_MODEL_BYTES = 1 << 30
"""of a .molq file"""
_SHOWN_DIGITS = 20


class Bounds(NamedTuple):
    """The least and the most that may be asked for, both included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{_written(self.low)} to {_written(self.high)}"


_RATE = Bounds(1e-12, 1e30)
"""of learning; what is too high for a network is said when its loss is no longer finite"""
_LOSS = Bounds(1e-12, 1e12)
"""of a metric; that guessing would lose no more is said when the labels are known"""
BOUNDS = {
    "at_most": Bounds(1, 10_000_000),
    "audit": Bounds(0, 1),
    "batch_size": Bounds(1, 100_000),
    "calib_size": Bounds(1, 10_000_000),
    "concurrency": Bounds(1, 10_000),
    "cores": Bounds(1, 10_000_000),
    "d_h": Bounds(1, 10_000),
    "depth": Bounds(1, 100),
    "diverse": Bounds(1, 1_000_000),
    "draws": Bounds(200, 100_000),
    "dropout": Bounds(0, 0.999),
    "epochs": Bounds(1, 100_000),
    "final_lr": _RATE,
    "grad_clip": Bounds(1e-12, 1e12),
    "init_lr": _RATE,
    "keep_gb": Bounds(0.001, 1_000_000),
    "margin": _LOSS,
    "max_atoms": Bounds(1, 100_000),
    "max_drop": Bounds(0, _LOSS.high),
    "max_lr": _RATE,
    "max_size": Bounds(1, 1 << 40),
    "members": Bounds(1, 1000),
    "n_timesteps": Bounds(1, 100),
    "patience": Bounds(1, 100_000),
    "port": Bounds(0, 65_535),
    "qat_epochs": Bounds(1, 100_000),
    "qat_lr": _RATE,
    "rate": Bounds(0.001, 1e9),
    "repeats": Bounds(1, 1000),
    "resamples": Bounds(100, 1_000_000),
    "sample_check": Bounds(0, 10_000_000),
    "seed": Bounds(0, MAX_SEED),
    "shard_rows": Bounds(1, 10_000_000),
    "size": Bounds(1, 10_000_000),
    "split_seed": Bounds(0, MAX_SEED),
    "threads": Bounds(1, 1024),
    "timeout_per_molecule": Bounds(0.01, 86_400),
    "top": Bounds(1, 10_000_000),
    "warmup_epochs": Bounds(0, 100_000),
    "workers": Bounds(0, 1024),
}
"""by the name of the parameter"""


def require_within(**values: float | None) -> None:
    """Returns when every value lies within the bounds of its name; None, which asks for nothing, always does.

    Raises InputError, naming the parameter, for the first that does not, NaN among them.
    """
    for name, value in values.items():
        bounds = BOUNDS[name]
        if value is not None and not bounds.low <= value <= bounds.high:
            raise InputError(f"`{name}` is {_shown(value)}; it must lie between {str(bounds).replace(' to ', ' and ')}")


def _shown(value: float) -> str:
    """The value, or the first digits of a number that would fill a screen."""
    if isinstance(value, int) and abs(value) >= 10**_SHOWN_DIGITS:
        return f"a number of {int(math.log10(abs(value))) + 1:,} digits"
    return str(value)


def _written(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
