"""The seam for statistics of a set that are not its chemistry, such as what flows in a model that reads it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from molq.calibset.population import Population
from molq.calibset.statistics import Statistic


class Advice(NamedTuple):
    """What a fault means, and what to do about it."""

    finding: str
    remedy: str


class Aspect(Protocol):
    """More statistics of sets, of draws from the library and of the set to be judged alike."""

    statistics: tuple[Statistic, ...]

    def of_draw(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Values [len(statistics)] of the set of molecules ``index`` of the described library."""
        ...

    def of_set(self, molecules: Population) -> NDArray[np.float64]:
        """Values [len(statistics)] of a set of any molecules."""
        ...

    def advice(self, statistics: list[Statistic], size: int, library: str) -> Advice:
        """On faults of one kind in a set of ``size``, the worst first; ``library`` names it on a command line."""
        ...
