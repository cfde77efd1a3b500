"""From a reaction and reagents to a space whose products are those of the reaction."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from made_spaces import lines_of, rdkits
from rdkit import Chem
from rdkit.Chem.rdChemReactions import ReactionFromSmarts

from molq.errors import InputError
from molq.spaces.from_reaction import space_of_reaction
from molq.spaces.products import all_combinations, spelled
from molq.spaces.space import Synthon

AMIDE = "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]"
QUINAZOLINONE = "N[c:4][c:3]C(O)=O.[#6:1][NH2].[#6:2]C(=O)[OH]>>[C:2]c1n[c:4][c:3]c(=O)n1[C:1]"


def named(*smiles: str) -> list[Synthon]:
    return [Synthon(text, f"id {i}") for i, text in enumerate(smiles)]


def test_what_does_not_react_once_is_left_out_and_counted() -> None:
    acids = named("CC(=O)O", "C(", "CCO", "OC(=O)CCC(C)C(=O)O", "OC(=O)c1ccccc1", "CC(=O)O.Cl")
    found = space_of_reaction(AMIDE, [acids, named("NC", "NCC")], "amide")
    assert [[one.id for one in position] for position in found.reactions[0].positions] == [
        ["id 0", "id 4", "id 5"],  # RDKit drops the chloride
        ["id 0", "id 1"],
    ]
    assert found.left_out == {"not a molecule that RDKit reads": 1, "does not react": 1, "reacts in 2 ways": 1}
    assert found.notes == ("6 random products are those of the reaction",)


def test_products_are_those_of_the_reaction_on_public_reagents() -> None:
    """Ten each of three lists: all thousand products against RDKit's own run of the reaction."""
    lists = [
        [Synthon(*line.split()[:2]) for line in lines_of(rdkits(f"{name}_ok.smi.gz"))[5:200:20]]
        for name in ("aminobenzoic", "primary_amines", "carboxylic_acids")
    ]
    found = space_of_reaction(QUINAZOLINONE, lists, "quinazolinone")
    reaction = ReactionFromSmarts(QUINAZOLINONE)
    expected = {}
    for chosen in itertools.product(*lists):
        outcomes = reaction.RunReactants([Chem.MolFromSmiles(one.smiles) for one in chosen])
        smiles = set()
        for (product,) in outcomes:
            Chem.SanitizeMol(product)
            smiles.add(Chem.CanonSmiles(Chem.MolToSmiles(product)))
        expected[";".join((*(one.id for one in chosen), "quinazolinone"))] = smiles
    products = list(spelled(all_combinations(found)))
    assert len(products) > 500
    for one in products:
        assert {one.smiles} == expected[one.combination.id]


def test_lists_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="has 2 reagents, and 1 lists are given"):
        space_of_reaction(AMIDE, [named("CC(=O)O")])
    with pytest.raises(InputError, match="no reagent of list 2 fits the reaction in a single way"):
        space_of_reaction(AMIDE, [named("CC(=O)O"), named("CCO")])


def test_more_products_than_can_be_numbered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molq.spaces.from_reaction.Reaction.n_products", 2**63)
    with pytest.raises(InputError, match=r"spans 9\.2e\+18 products; 1e\+18 are the most"):
        space_of_reaction(AMIDE, [named("CC(=O)O"), named("NC")])


def test_the_reagents_that_come_with_molq_all_react() -> None:
    folder = Path(__file__).parents[2] / "datasets" / "reagents"
    lists = []
    for name in ("aminobenzoic_acids", "amines", "carboxylic_acids"):
        lines = [line.split() for line in (folder / f"{name}.smi").read_text().splitlines()]
        lists.append([Synthon(smiles, name) for smiles, name in lines])
    found = space_of_reaction(QUINAZOLINONE, lists)
    assert [len(own) for own in found.reactions[0].positions] == [14, 42, 41]
    assert found.left_out == {}
    assert found.notes == ("200 random products are those of the reaction",)
