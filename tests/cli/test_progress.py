from __future__ import annotations

import io

import pytest
from rich.console import Console

from molq.cli import progress
from molq.cli.progress import Drawing, shown
from molq.progress import SILENT


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def drawn(clock):
    """A drawing on a terminal of 100 columns, and what it wrote."""
    screen = io.StringIO()
    drawing = Drawing(Console(file=screen, force_terminal=True, width=100), "start", "mol")
    yield drawing, screen
    drawing.stop()


def test_nothing_is_drawn_where_there_is_no_terminal(capsys):
    with shown("long work") as seen:
        assert seen is SILENT
        seen.stage("a")
        seen.step(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_is_drawn_on_and_left_clean(monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with shown("long work") as seen:
        seen.step(1, 2)
    assert "long work" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")


def line(drawing: Drawing) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(drawing._bar.get_renderable())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_steps_are_counted_with_their_rate(drawn, clock):
    drawing, _ = drawn
    assert "start" in line(drawing)
    drawing.step(1000, 50_000)
    clock.now += 10
    drawing.step(11_000, 50_000)
    assert "11,000/50,000" in line(drawing)
    assert "1,000 mol/s" in line(drawing)


def test_slow_steps_have_no_rate_and_an_unknown_total_is_not_named(drawn, clock):
    drawing, _ = drawn
    drawing.stage("layers")
    drawing.step(1, None)
    clock.now += 10
    drawing.step(3, None)
    text = line(drawing)
    assert "layers" in text
    assert " 3 " in text
    assert "/s" not in text


def test_downloads_are_counted_in_megabytes(drawn, clock):
    drawing, _ = drawn
    drawing.stage("download moses")
    drawing.step(0, 20_000_000)
    clock.now += 2
    drawing.step(5_000_000, 20_000_000)
    assert "5.0/20.0 MB" in line(drawing)
    assert "2.5 MB/s" in line(drawing)


def test_a_long_stage_leaves_a_line_and_the_next_begins_anew(drawn, clock):
    drawing, screen = drawn
    drawing.stage("quantize [int8]")
    drawing.step(4, 4)
    clock.now += 7
    drawing.stage("measure")
    assert "quantize [int8]  7.0 s" in screen.getvalue()
    assert "4/4" not in line(drawing)
    drawing.stage("at once")
    assert "measure  " not in screen.getvalue()


def test_a_remark_stands_until_the_next_stage_and_long_work_fits_80_columns(drawn, clock):
    drawing, _ = drawn
    narrow = Drawing(Console(file=io.StringIO(), force_terminal=True, width=80), "start", "product")
    for one in (drawing, narrow):
        one.stage("score")
        one.step(0, 21_939_000_000)
        clock.now += 10
        one.step(621_000_000, 21_939_000_000)
        one.remark("cut-off 0.913")
    console = Console(file=io.StringIO(), width=80)
    console.print(narrow._bar.get_renderable())
    narrow.stop()
    assert " 0.62/21.94 billion 62.1M product/s cut-off 0.913 " in console.file.getvalue()  # type: ignore[attr-defined]
    assert "0.62/21.94 billion 62.1M mol/s cut-off 0.913" in line(drawing)
    drawing.stage("rescore")
    assert "cut-off" not in line(drawing)
