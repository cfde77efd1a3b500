"""What torch keeps for a whole process or thread, set for a piece of work and put back after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_state(n_threads: int | None = None, *, gradients: bool = True) -> Iterator[None]:
    """While open, torch uses ``n_threads`` threads (None: as many as it did) and records ``gradients`` or does not.

    Afterwards both are as they were, also where an interruption fell between the steps of a ``torch.no_grad()``
    within, which on its own would leave its thread without gradients.
    """
    before, recorded = torch.get_num_threads(), torch.is_grad_enabled()
    try:
        torch.set_num_threads(n_threads or before)
        torch.set_grad_enabled(gradients)
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_grad_enabled(recorded)
