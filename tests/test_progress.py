from __future__ import annotations

import inspect

import pytest
from heard import Heard

from molq.progress import SILENT, Progress, Silent


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
