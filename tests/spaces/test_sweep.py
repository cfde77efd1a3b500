"""A pass that is broken off goes on where it was, to the same result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_spaces import made

import molq
from molq.errors import InputError
from molq.spaces import scan, sweep
from molq.spaces.checkpoint import place_of


def test_a_resumed_screen_is_that_of_an_unbroken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_PRODUCTS", 10)
    space = molq.CombinatorialSpace(made(tmp_path, "stereo"))
    space.screen("bace-dmpnn", tmp_path / "whole.csv", top=5, sample_check=0)
    numbers: list[int] = []
    begin = sweep.scanned_here

    def broken(scanner, lots, best, stop: int) -> Iterator:
        for lot, found in begin(scanner, lots, best):
            if len(numbers) == stop:
                raise KeyboardInterrupt
            numbers.append(lot.number)
            yield lot, found

    for stop in (2, 5):
        monkeypatch.setattr(sweep, "scanned_here", lambda *given, stop=stop: broken(*given, stop))
        with pytest.raises(KeyboardInterrupt):
            space.screen("bace-dmpnn", tmp_path / "h.csv", top=5, sample_check=0, resume=bool(numbers))
        assert place_of(tmp_path / "h.csv").exists()
        assert not (tmp_path / "h.csv").exists()
    with pytest.raises(InputError, match="another model, space or settings"):
        space.screen("bace-dmpnn", tmp_path / "h.csv", top=4, sample_check=0, resume=True)
    monkeypatch.setattr(sweep, "scanned_here", lambda *given: broken(*given, -1))
    space.screen("bace-dmpnn", tmp_path / "h.csv", top=5, sample_check=0, resume=True)
    assert len(numbers) == len(set(numbers)), "no box was scanned again"
    assert (tmp_path / "h.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not place_of(tmp_path / "h.csv").exists()
