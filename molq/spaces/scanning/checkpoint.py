"""The state of an unfinished pass over a space beside its output: what is done, and the best so far."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError, OutputError
from molq.files import write_whole
from molq.spaces.scanning.best import Found
from molq.spaces.scanning.boxes import Order

SECONDS = 10.0
"""between two writings"""


class Reached(NamedTuple):
    """How far a pass has come."""

    done: NDArray[np.bool_]
    """per box"""
    found: Found
    n_scored: int
    seconds: float


class StateFile:
    """The file ``OUTPUT.partial``, which is bound to what is looked for and where."""

    def __init__(self, output: Path, bound_to: Sequence[bytes]) -> None:
        self.path = place_of(output)
        content = hashlib.sha256()
        for part in bound_to:
            content.update(len(part).to_bytes(8, "little") + part)
        self._key = content.hexdigest()
        self._orders: tuple[Order, ...] = ()
        self._last = time.monotonic()

    def read(self, counts: Sequence[int]) -> tuple[tuple[Order, ...], Reached]:
        """The orders of the sheets, of so many positions each, and the state.

        Raises InputError where there is nothing to resume, or what there is belongs to another run.
        """
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as held:
                if str(held["key"]) != self._key:
                    raise InputError(
                        f"{self.path} belongs to a run with another model, space or settings, which it cannot be"
                        " resumed with; give those, or begin anew with `force`"
                    )
                orders = tuple(
                    Order(tuple(held[f"order_{sheet}_{position}"] for position in range(count)))
                    for sheet, count in enumerate(counts)
                )
                found = Found(held["heights"], held["sheets"], held["pieces"])
                state = Reached(held["done"], found, int(held["n_scored"]), float(held["seconds"]))
        except FileNotFoundError:
            raise InputError(f"there is no {self.path} to `resume`") from None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(f"{self.path} is damaged and cannot be resumed; begin anew with `force`") from error
        self._orders = orders
        return orders, state

    def begin(self, orders: Sequence[Order]) -> None:
        """Keeps the orders that the states will be of."""
        self._orders = tuple(orders)

    def note(self, state: Reached, *, now: bool = False) -> None:
        """Writes the state, if the last time is some seconds ago."""
        if not now and time.monotonic() - self._last < SECONDS:
            return
        arrays = {
            f"order_{sheet}_{position}": own
            for sheet, order in enumerate(self._orders)
            for position, own in enumerate(order.pieces)
        }
        held = io.BytesIO()
        np.savez(
            held,
            allow_pickle=False,
            key=np.array(self._key),
            done=state.done,
            heights=state.found.heights,
            sheets=state.found.sheets,
            pieces=state.found.pieces,
            n_scored=np.array(state.n_scored),
            seconds=np.array(state.seconds),
            **arrays,
        )
        write_whole(self.path, held.getvalue())
        self._last = time.monotonic()


def place_of(output: Path) -> Path:
    """Where the state of the run with this output is kept."""
    return output.with_name(f"{output.name}.partial")


def refuse_partial(output: Path, *, resume: bool, force: bool) -> None:
    """Returns when there is no unfinished run, or it is to be resumed or replaced. Raises OutputError."""
    if place_of(output).exists() and not (resume or force):
        raise OutputError(
            f"{place_of(output)} is an unfinished run: `resume` continues it, and `force` begins anew in its place"
        )
