"""Synthons are joined as RDKit's own molzip joins them, and what cannot be joined says why."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molq.chem.synthons.joining import connectors, ends, joined_or_reason, smiles_of, synthon_or_reason


def product(*texts: str) -> str:
    mol = joined_or_reason([synthon_or_reason(text) for text in texts])
    return mol if isinstance(mol, str) else smiles_of(mol)


@pytest.mark.parametrize(
    ("synthons", "expected"),
    [
        (["CC(=O)[1*]", "[1*]NC"], "CC(=O)NC"),
        (["CC(=O)[U]", "[U]NC"], "CC(=O)NC"),
        (["[1*]Nc1c([2*])cccc1", "[1*]=CC=C[2*]"], None),
        (["[1*]CCC[2*]", "[1*]NCC[2*]"], "C1CCNCC1"),
        (["[1*]CCC[1*]"], "C1CC1"),
        (["[1*]c1ccncc1", "[1*][C@H](F)Cl"], "c1(ccncc1)[C@H](F)Cl"),
        (["[12CH3][1*]", "[1*]O"], "[12CH3]O"),
        (["[CH3:7][1*]", "[1*]O"], "CO"),
    ],
)
def test_products(synthons: list[str], expected: str | None) -> None:
    found = product(*synthons)
    assert Chem.MolFromSmiles(found) is not None
    assert expected is None or found == Chem.CanonSmiles(expected)


def test_a_connector_that_pairs_with_nothing_stays_open() -> None:
    assert product("[1*]CCC[3*]", "[1*]O") == Chem.CanonSmiles("OCCC[*:3]")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("C(", "not a molecule that RDKit reads"),
        ("CCO", "no connector, [1*] to [4*]"),
        ("", "not a molecule that RDKit reads"),
        ("C[5*]", "connector [5*]; there are [1*] to [4*]"),
        ("[1*](C)C", "connector [1*] has 2 bonds; it needs one"),
        ("c1c[2*]ccc1C[1*]", "connector [2*] has 2 bonds; it needs one"),
        ("[1*]", "connector [1*] has 0 bonds; it needs one"),
        ("*CC", "no connector, [1*] to [4*]"),
    ],
)
def test_what_is_no_synthon_says_why(text: str, reason: str) -> None:
    assert synthon_or_reason(text) == reason


def test_what_cannot_be_joined_says_why() -> None:
    assert product("[1*]C", "[1*]C", "[1*]C") == "connector 1 stands 3 times"
    assert "valence" in product("CC(C)(C)[1*]", "C=[1*]")


def test_ends_are_connectors_with_their_bonds() -> None:
    assert ends(synthon_or_reason("[2*]=CC([1*])C#[U]")) == ((1, "single"), (1, "triple"), (2, "double"))


def test_connectors_are_numbers_in_order() -> None:
    assert connectors(synthon_or_reason("[Am]CC([2*])[1*]")) == (1, 2, 4)
