"""Intervals lose no molecule that meets the conditions, and let in only what rounding may have moved."""

from __future__ import annotations

import numpy as np
import pytest

from molq.chem.properties import PROPERTIES
from molq.errors import InputError, UnsupportedError
from molq.spaces.properties.windows import meeting, windows

REAL = ("mol_weight", "logp", "tpsa")


def test_several_bounds_of_one_property_are_one_interval() -> None:
    found = windows("200 < mw <= 500 and heavy_atoms<38, charge=0")
    assert found.names == ("mol_weight", "heavy_atoms", "formal_charge")
    assert found.low == pytest.approx([200, -np.inf, -0.4], abs=0.01)
    assert found.high == pytest.approx([500, 37.5, 0.4], abs=0.01)
    assert list(map(str, found.conditions)) == [
        "mol_weight > 200",
        "mol_weight <= 500",
        "heavy_atoms < 38",
        "formal_charge = 0",
    ]


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "="])
@pytest.mark.parametrize("bound", [2.0, 2.5, -1.0])
@pytest.mark.parametrize("name", ["heavy_atoms", "logp"])
def test_intervals_are_as_wide_as_the_condition(name: str, bound: float, sign: str) -> None:
    try:
        found = windows(f"{name}{sign}{bound}")
    except InputError:
        assert (sign, bound, name) == ("=", 2.5, "heavy_atoms")
        return
    for value in np.arange(-4, 5) if name not in REAL else np.linspace(-4, 4, 33):
        is_inside = bool(found.low[0] <= value <= found.high[0])
        is_met = meeting(found.conditions, dict.fromkeys(PROPERTIES, float(value)))
        assert is_inside >= is_met
        assert is_inside == is_met or abs(value - bound) <= 0.01


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("mw<500 or logp<5", InputError, "`where`"),
        ("not mw<500", InputError, "`where`"),
        ("(mw<500)", InputError, "`where`"),
        ("", InputError, "`where`"),
        ("mw<500 and", InputError, "`where`"),
        ("mw<__import__('os').getpid()", InputError, "`where`"),
        ("mw<300 and mw>400", InputError, "no molecule meets every bound on mol_weight"),
        ("heavy_atoms<1e999", InputError, "the bound on heavy_atoms must be a finite number"),
        ("logp>-1e999", InputError, "the bound on logp must be a finite number"),
        ("charge=0.5", InputError, "no molecule meets every bound on formal_charge"),
        ("charge!=0", UnsupportedError, "!= is no interval"),
        ("fsp3>0.5", UnsupportedError, "fraction_sp3 is no sum"),
        ("qed>0.5", InputError, "there is no property 'qed'"),
    ],
)
def test_what_is_no_window_says_why(text: str, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        windows(text)
