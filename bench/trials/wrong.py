"""Silently wrong: scores, rows or verdicts that look right and are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from trials.trial import MODEL, Fault, Trial, fault_of, molq

_NO_NUMBERS = ("inf", "-inf", "nan", "-1", "1e300")
_NUMBERS = {
    "margin": ("evaluate", MODEL, "--data", "bace"),
    "max-drop": ("quantize", MODEL, "-o", "out.molq", "--scheme", "mixed"),
    "qat-lr": ("quantize", MODEL, "-o", "out.molq", "--qat-epochs", "1"),
    "dropout": ("train", "bace", "-o", "out.molq"),
    "max-lr": ("train", "bace", "-o", "out.molq"),
    "grad-clip": ("train", "bace", "-o", "out.molq"),
    "audit": ("screen", MODEL, "bace", "-o", "out.csv"),
    "timeout-per-molecule": ("screen", MODEL, "bace", "-o", "out.csv"),
}
"""options that take a fraction, a rate or a loss, and a command that does"""


def meaningless_numbers(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Infinite, negative and absurd values of options: refused in one line that names the option, nothing written."""
    tried = [(name, value) for name in _NUMBERS for value in _NO_NUMBERS]
    for name, value in chance.sample(tried, times):
        ended = molq(*_NUMBERS[name], f"--{name}", value, folder=folder)
        written = [path.name for path in folder.iterdir()]
        yield f"wrote {written[0]}" if written else fault_of(ended, refused=True, saying=f"--{name} is ")


TRIALS = [
    Trial("numbers that mean nothing, to options", meaningless_numbers, 40, 3),
]
