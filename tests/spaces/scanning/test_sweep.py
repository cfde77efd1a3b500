"""A pass that is broken off goes on where it was, to the same result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from heard import Heard
from made_spaces import made

import molq
from molq.errors import InputError
from molq.spaces.scanning import scanner, sweep
from molq.spaces.scanning.checkpoint import place_of


def test_a_resumed_screen_is_that_of_an_unbroken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MAX_PRODUCTS", 10)
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


def test_the_cut_off_so_far_is_remarked_where_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_REMARK_S", 0.0)
    monkeypatch.setattr(scanner, "MAX_PRODUCTS", 2)
    space = molq.CombinatorialSpace(made(tmp_path, "aryls"))
    heard = Heard()
    found = space.screen("bace-dmpnn", top=5, sample_check=0, workers=0, progress=heard)
    said = [float(text.removeprefix("cut-off ")) for text in heard.remarks["score"] if text]
    assert len(said) > 1
    assert said == sorted(said)
    assert said[-1] == pytest.approx(found.hits[-1].scores[0], rel=1e-3)
    heard = Heard()
    space.screen("bace-dmpnn", top=25, sample_check=0, workers=0, progress=heard)
    assert set(heard.remarks["score"]) == {""}, "there are 16 products"
