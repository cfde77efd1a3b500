"""The state of an unfinished pass comes back as it was, for the same run alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molq.errors import InputError, OutputError
from molq.spaces.scanning.best import MAX_POSITIONS, Found
from molq.spaces.scanning.boxes import Order
from molq.spaces.scanning.checkpoint import Reached, StateFile, place_of, refuse_partial

ORDERS = (Order((np.array([1, 0]), np.array([0]))), Order((np.array([0]),)))
STATE = Reached(
    np.array([True, False]),
    Found(np.array([2.5, -1], np.float32), np.array([0, 1], np.int32), np.zeros((2, MAX_POSITIONS), np.int32)),
    7,
    1.5,
)


def test_it_comes_back(tmp_path: Path) -> None:
    held = StateFile(tmp_path / "h.csv", [b"model", b"space"])
    held.begin(ORDERS)
    held.note(STATE)
    assert not held.path.exists(), "seconds have to pass between two writings"
    held.note(STATE, now=True)
    assert held.path == place_of(tmp_path / "h.csv") == tmp_path / "h.csv.partial"
    orders, state = StateFile(tmp_path / "h.csv", [b"model", b"space"]).read([2, 1])
    assert [own.tolist() for order in orders for own in order.pieces] == [[1, 0], [0], [0]]
    assert state.done.tolist() == [True, False]
    assert state.found.heights.tolist() == [2.5, -1]
    assert (state.n_scored, state.seconds) == (7, 1.5)


def test_another_run_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    held = StateFile(tmp_path / "h.csv", [b"model", b"space"])
    with pytest.raises(InputError, match=r"there is no .*h\.csv\.partial to `resume`"):
        held.read([2, 1])
    held.begin(ORDERS)
    held.note(STATE, now=True)
    with pytest.raises(InputError, match="another model, space or settings"):
        StateFile(tmp_path / "h.csv", [b"models", b"pace"]).read([2, 1])
    whole = held.path.read_bytes()
    for damaged in (whole[:100], b"", b"x" * 500, whole[:200] + b"\0" * 40 + whole[240:]):
        held.path.write_bytes(damaged)
        with pytest.raises(InputError, match="is damaged and cannot be resumed"):
            held.read([2, 1])


def test_an_unfinished_run_is_not_begun_anew_unasked(tmp_path: Path) -> None:
    refuse_partial(tmp_path / "h.csv", resume=False, force=False)
    place_of(tmp_path / "h.csv").touch()
    with pytest.raises(OutputError, match="is an unfinished run"):
        refuse_partial(tmp_path / "h.csv", resume=False, force=False)
    refuse_partial(tmp_path / "h.csv", resume=True, force=False)
    refuse_partial(tmp_path / "h.csv", resume=False, force=True)
