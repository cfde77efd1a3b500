from __future__ import annotations

import inspect

import pytest
from heard import Heard

from molq.progress import SILENT, Progress, Silent, Steps, remark


@pytest.mark.parametrize("kind", [Silent, Heard])
def test_whoever_listens_takes_what_is_told(kind: type[Progress]) -> None:
    for name in ("stage", "step"):
        told, heard = (inspect.signature(getattr(cls, name)).parameters for cls in (Progress, kind))
        assert list(told) == list(heard)


def test_silence_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    SILENT.stage("calibrate")
    SILENT.step(1, None)
    SILENT.step(2, 2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("total", [2, None])
def test_steps_count_themselves(total: int | None) -> None:
    heard = Heard()
    steps = Steps(total, heard)
    steps.advance()
    steps.advance()
    assert heard.steps[""] == [(1, total), (2, total)]


def test_a_remark_is_made_only_for_whoever_shows_it() -> None:
    def never() -> str:
        raise AssertionError

    remark(SILENT, never)
    heard = Heard()
    heard.stage("score")
    remark(heard, lambda: "cut-off 1")
    remark(heard, lambda: "cut-off 2")
    assert heard.remarks == {"score": ["cut-off 1", "cut-off 2"]}
