"""Bounds of what may be asked for: every number of every command and call has them, stated once."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import molq
from molq.cli.main import app
from molq.errors import InputError
from molq.limits import BOUNDS, require_within

MUCH = 10**400
SMALL = ["CCO", "c1ccccc1O", "CC(=O)N"]
CALLS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "screen": (molq.screen, lambda out, **more: molq.screen("bace-dmpnn", "bace", out, **more)),
    "plan": (molq.plan, lambda out, **more: molq.plan("bace-dmpnn", "bace", **more)),
    "merge": (molq.merge, lambda out, **more: molq.merge(out, "best.csv", **more)),
    "train": (molq.train, lambda out, **more: molq.train("bace", **more)),
    "quantize": (molq.Model.quantize, lambda out, **more: molq.load("bace-dmpnn").quantize("int8", SMALL, **more)),
    "predict": (molq.Model.predict, lambda out, **more: molq.load("bace-dmpnn").predict(SMALL, **more)),
    "evaluate": (molq.evaluate, lambda out, **more: molq.evaluate("bace-dmpnn", "bace", **more)),
    "sensitivity": (molq.sensitivity, lambda out, **more: molq.sensitivity("bace-dmpnn", "bace", SMALL, **more)),
    "diagnose": (molq.diagnose, lambda out, **more: molq.diagnose("bace-dmpnn", "bace", "bace-dmpnn", **more)),
    "serve": (molq.serve, lambda out, **more: molq.serve("bace-dmpnn", **more)),
    "hits": (molq.hits, lambda out, **more: molq.hits(out, **more)),
    "space from-reaction": (
        molq.space_from_reaction,
        lambda out, **more: molq.space_from_reaction("[C:1]O.[N:2]>>[C:1][N:2]", [SMALL, SMALL], **more),
    ),
    "space screen": (
        molq.CombinatorialSpace.screen,
        lambda out, **more: molq.space_from_reaction(
            "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]", [["CC(=O)O"], ["CN"]]
        ).screen("bace-dmpnn", out, **more),
    ),
    "study": (molq.study, lambda out, **more: molq.study("bace", out, **more)),
    "calibset build": (molq.calibration_set, lambda out, **more: molq.calibration_set("bace", **more)),
    "calibset validate": (
        molq.CalibrationSet.validate,
        lambda out, **more: molq.CalibrationSet(SMALL).validate("bace", **more),
    ),
}
"""the call, and how it is made with little around it"""


def numbers(call: Callable[..., Any]) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if str(parameter.annotation).split()[0] in ("int", "float")
    ]


@pytest.mark.parametrize("name", BOUNDS)
def test_the_ends_are_within_and_what_lies_beyond_is_not(name: str) -> None:
    low, high = BOUNDS[name]
    require_within(**{name: low})
    require_within(**{name: high})
    for value in (low - 1, high * 2 + 1, MUCH, -MUCH, math.inf, math.nan):
        with pytest.raises(InputError, match=f"`{name}` is .*; it must lie between .* and ") as caught:
            require_within(**{name: value})
        assert len(str(caught.value)) < 120


def test_none_asks_for_nothing() -> None:
    require_within(top=None, workers=None)


def test_every_bound_is_of_a_number_that_a_call_takes() -> None:
    taken = {name for call, _ in CALLS.values() for name in numbers(call)}
    assert set(BOUNDS) - taken == {"n_timesteps"}, "n_timesteps stands in model files alone"
    assert taken - set(BOUNDS) == {"threshold"}, "any finite number, of the scale of scores"


@pytest.mark.parametrize(
    ("words", "name"),
    [(words, name) for words, (call, _) in CALLS.items() for name in numbers(call) if name in BOUNDS],
)
def test_a_call_refuses_what_is_beyond_before_it_begins(words: str, name: str, tmp_path: Path) -> None:
    for value in (MUCH, -1):
        with pytest.raises(InputError, match=f"`{name}` is "):
            CALLS[words][1](tmp_path / "out.csv", **{name: value})
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "screen bace-dmpnn bace -o out.csv --top 99999999999999999999",
        "screen bace-dmpnn bace -o out.csv --timeout-per-molecule inf",
        "screen bace-dmpnn bace -o out.csv --timeout-per-molecule nan",
        "screen bace-dmpnn bace -o out.csv --timeout-per-molecule 1e300",
        "screen bace-dmpnn bace -o out.csv --workers 100000",
        "train bace -o out.molq --seed 18446744073709551616",
        "train bace -o out.molq --depth 3000",
        "calibset validate out.csv --against bace --draws 100000000",
        "evaluate bace-dmpnn --data bace --resamples 2000000000",
        "evaluate bace-dmpnn --data bace --margin inf",
        "evaluate bace-dmpnn --data bace --margin -1",
        "evaluate bace-dmpnn --data bace --margin nan",
        "study --data bace -o out --margin nan",
        "quantize bace-dmpnn -o out.molq --max-drop inf",
        "train bace -o out.molq --dropout nan",
        "train bace -o out.molq --max-lr inf",
        "quantize bace-dmpnn -o out.molq --max-size 9" + "9" * 400,
    ],
)
def test_a_command_says_it_in_one_line_in_its_flags(line: str) -> None:
    done = CliRunner().invoke(app, line.split())
    assert isinstance(done.exception, InputError)
    flag = line.split()[-2]
    assert str(done.exception).startswith(f"{flag} is ")


def test_the_help_of_an_option_states_its_bounds() -> None:
    shown = CliRunner().invoke(app, ["screen", "--help"]).output
    assert f"Keep the K best rows of each task. {BOUNDS['top']}." in " ".join(shown.replace("│", "").split())
