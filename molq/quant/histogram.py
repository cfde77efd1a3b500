"""A histogram of a stream of numbers whose range is not known before, in constant memory."""

from __future__ import annotations

import torch
from torch import Tensor

N_BINS = 8192


class Histogram:
    """Counts over equal bins of [−limit, limit]; when a value exceeds the limit, it doubles and bins merge."""

    def __init__(self) -> None:
        self.counts = torch.zeros(N_BINS, dtype=torch.float64)
        self.limit = 2.0**-20

    def update(self, x: Tensor) -> None:
        if not x.numel():
            return
        largest = x.abs().max().item()
        while largest > self.limit:
            merged = self.counts.view(-1, 2).sum(1)
            self.counts.zero_()
            self.counts[N_BINS // 4 : 3 * N_BINS // 4] = merged
            self.limit *= 2
        self.counts += torch.histc(x.float(), N_BINS, -self.limit, self.limit).double()

    @property
    def centres(self) -> Tensor:
        """Middle of every bin [N_BINS], float64."""
        return (torch.arange(N_BINS, dtype=torch.float64) + 0.5) * (2 * self.limit / N_BINS) - self.limit
