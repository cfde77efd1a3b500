"""Products of a reaction are cut where atoms of different reagents meet, and joining the pieces gives them again."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molq.chem.synthons.cutting import CuttingReaction
from molq.chem.synthons.joining import joined_or_reason, smiles_of, synthon_or_reason
from molq.errors import InputError

AMIDE = "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]"
QUINAZOLINONE = "N[c:4][c:3]C(O)=O.[#6:1][NH2].[#6:2]C(=O)[OH]>>[C:2]c1n[c:4][c:3]c(=O)n1[C:1]"
TRIAZOLE = "[N:1]=[N+:2]=[N-:3].[C:4]#[CH:5]>>[n:1]1[n+0:2][n-0:3][c:4][c:5]1"


def mols(*smiles: str) -> list[Chem.Mol]:
    return [Chem.MolFromSmiles(text) for text in smiles]


@pytest.mark.parametrize(
    ("smarts", "reagents", "pieces"),
    [
        (AMIDE, ("CC(=O)O", "NCC"), ["[1*]C(C)=O", "[1*]NCC"]),
        (
            QUINAZOLINONE,
            ("Nc1c(C(=O)O)cccc1F", "NCC1CC1", "OC(=O)c1ccccn1"),
            ["[1*]c1nc2c(F)cccc2c(=O)n1[2*]", "[2*]CC1CC1", "[1*]c1ccccn1"],
        ),
        (TRIAZOLE, ("CN=[N+]=[N-]", "C#CC1CC1"), None),
    ],
)
def test_pieces(smarts: str, reagents: tuple[str, ...], pieces: list[str] | None) -> None:
    reaction = CuttingReaction(smarts)
    product = reaction.product_or_reason(mols(*reagents))
    assert isinstance(product, Chem.Mol)
    found = reaction.synthons_or_reason(product)
    assert isinstance(found, list)
    if pieces is not None:
        assert found == pieces
    again = joined_or_reason([synthon_or_reason(text) for text in found])
    assert smiles_of(again) == smiles_of(product)


def test_what_gives_no_single_product_says_why() -> None:
    reaction = CuttingReaction(AMIDE)
    assert reaction.product_or_reason(mols("CCO", "NC")) == "does not react"
    assert reaction.product_or_reason(mols("OC(=O)CCC(C)C(=O)O", "NC")) == "reacts in 2 ways"
    assert [reaction.matches(mol, 1) for mol in mols("NC", "NCCN", "CC")] == [1, 2, 0]


@pytest.mark.parametrize(
    ("smarts", "message"),
    [
        ("", "is no reaction SMARTS"),
        ("CCO", "is no reaction SMARTS"),
        ("[C:1]O>>[C:1]N", "has 1 reagents and 1 products"),
        ("[C:1]O.[N:2]>>[C:1].[N:2]", "has 2 reagents and 2 products"),
        ("[C:1]O.[N:2]>>[C:1]C", "makes 0 bonds between atoms of different reagents"),
    ],
)
def test_what_spans_no_space_says_why(smarts: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CuttingReaction(smarts)
