import math

import pytest

from molq.chem.properties import PROPERTIES
from molq.chem.selection.conditions import ALIASES, condition, conditions
from molq.errors import InputError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mw<500", ("mol_weight", "<", 500)),
        (" LogP <= 5.5 ", ("logp", "<=", 5.5)),
        ("TPSA≥1e2", ("tpsa", ">=", 100)),
        ("heavy atoms>10", ("heavy_atoms", ">", 10)),
        ("formal-charge == -1", ("formal_charge", "=", -1)),
        ("charge=−1", ("formal_charge", "=", -1)),
        ("rings!=.5", ("rings", "!=", 0.5)),
    ],
)
def test_what_people_type(text, found):
    assert condition(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "mw", "mw<", "<500", "500>mw", "mw<500<600", "mw<nan", "mw<x", "mw<__import__('os')", "qed>0.5", "mw;logp<5"],
)
def test_any_other_text_is_an_error_that_quotes_it(text):
    with pytest.raises(InputError, match="`property`"):
        condition(text)


def test_aliases_lead_to_properties():
    assert set(ALIASES.values()) <= set(PROPERTIES)
    assert not set(ALIASES) & set(PROPERTIES)


@pytest.mark.parametrize(("sign", "met"), [("<", 0), ("<=", 1), (">", 0), (">=", 1), ("=", 1), ("!=", 0)])
def test_a_bound_itself(sign, met):
    assert condition(f"mw{sign}5").is_met({"mol_weight": 5.0}) is bool(met)
    assert not condition(f"mw{sign}5").is_met({"mol_weight": math.nan})


def test_it_says_itself():
    assert str(condition("mw<500")) == "mol_weight < 500"


@pytest.mark.parametrize(
    "text", ["mw<500 and tpsa >= 20 AND charge=0", "mw<500, tpsa >= 20; charge=0", "mw<500&tpsa>=20 && charge=0"]
)
def test_bounds_together(text):
    assert list(map(str, conditions(text, "where"))) == ["mol_weight < 500", "tpsa >= 20", "formal_charge = 0"]


def test_a_property_between_two_numbers():
    assert list(map(str, conditions("-1 ≤ logP<5", "where"))) == ["logp >= -1", "logp < 5"]
    for text in ("5>mw", "1<mw>2", "mw<500<600", "1<2<mw", "and mw<5", "mw<5 and", "mw<5 or mw>7"):
        with pytest.raises(InputError, match="`where`"):
            conditions(text, "where")
