"""Sums of terms are what RDKit says of the zipped products."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pytest
from made_spaces import HEADER, lines_of, rdkits
from rdkit import Chem

from molq.chem.properties import PROPERTIES, property_profile
from molq.chem.synthons.joining import Mol, synthon_or_reason
from molq.errors import UnsupportedError
from molq.spaces.properties.property_terms import SUMS, TOLERANCE, property_terms
from molq.spaces.read_space import read_space
from molq.spaces.space import Reaction

REAL = [i for i, name in enumerate(SUMS) if name in ("mol_weight", "logp", "tpsa")]
WHOLE = [i for i in range(len(SUMS)) if i not in REAL]


def seen(smiles: str) -> Hashable:
    """What partners see of a synthon whose own perception they do not change."""
    mol = synthon_or_reason(smiles)
    assert isinstance(mol, Mol)
    ports = [(atom.GetAtomMapNum(), atom.GetNeighbors()[0]) for atom in mol.GetAtoms() if atom.GetAtomMapNum()]
    return frozenset(
        (
            number,
            port.GetSmarts(),
            port.GetTotalNumHs(),
            tuple(sorted(atom.GetSmarts() for atom in port.GetNeighbors())),
        )
        for number, port in ports
    )


def terms_of(reaction: Reaction, names: tuple[str, ...] = SUMS):
    members = [range(len(own)) for own in reaction.positions]
    keys = [{at: seen(synthon.smiles) for at, synthon in enumerate(own)} for own in reaction.positions]
    return property_terms(reaction, members, keys, names)


@pytest.mark.parametrize("step", [199, pytest.param(1, marks=pytest.mark.slow)])
def test_they_are_those_of_the_products_that_rdkit_wrote_down(step: int) -> None:
    """RDKit's own enumeration of six reactions is the oracle."""
    space = read_space(rdkits("idorsia_toy_space_a.txt.gz"))
    written = {
        name: smiles for smiles, name in (line.split() for line in lines_of(rdkits("idorsia_toy_space_enum.smi.gz")))
    }
    for reaction in space.reactions:
        choices = list(itertools.product(*(range(len(own)) for own in reaction.positions)))[::step]
        found = terms_of(reaction).of(choices)
        smiles = [written["_".join((reaction.id, *map(str, choice)))] for choice in choices]
        expected = property_profile(smiles, SUMS)
        np.testing.assert_array_equal(np.round(found[:, WHOLE]), expected[:, WHOLE])
        assert np.abs(found - expected).max() <= TOLERANCE


def made(tmp_path: Path, *positions: list[str]) -> Reaction:
    lines = (f"{smiles}\t{p}-{i}\t{p}\tr\n" for p, own in enumerate(positions) for i, smiles in enumerate(own))
    (tmp_path / "space.txt").write_text(HEADER + "".join(lines))
    return read_space(tmp_path / "space.txt").reactions[0]


def zipped(*synthons: str) -> str:
    """By RDKit alone."""
    mol = Chem.MolFromSmiles(".".join(synthons))
    parameters = Chem.MolzipParams()
    parameters.label = Chem.MolzipLabel.Isotope
    return Chem.MolToSmiles(Chem.molzip(mol, parameters))


def test_parts_that_depend_on_the_partner_are_corrected(tmp_path: Path) -> None:
    """An amine beside a carbonyl is no acceptor, beside an alkyl it is one; logP has other types of atoms there."""
    reaction = made(
        tmp_path,
        ["CC(=O)[1*]", "CCC[1*]", "c1ccccc1[1*]", "CS(=O)(=O)[1*]", "FC[1*]", "N#C[1*]"],
        ["[1*]NC", "[1*]N(C)C", "[1*]O", "[1*]c1ccncc1", "[1*]CC", "[1*]OC(C)=O", "[1*]S"],
    )
    terms = terms_of(reaction)
    assert terms.corrections.shape[0] > 1 < terms.corrections.shape[1]
    choices = list(itertools.product(range(6), range(7)))
    products = [reaction.combination(a * 7 + b) for a, b in choices]
    expected = property_profile([zipped(*(synthon.smiles for synthon in one.synthons)) for one in products], SUMS)
    assert np.abs(terms.of(choices) - expected).max() <= TOLERANCE


def test_a_middle_of_one_atom_between_three_partners(tmp_path: Path) -> None:
    reaction = made(
        tmp_path,
        ["CC(=O)[1*]", "CC[1*]", "c1ccccc1[1*]"],
        ["[1*]N[2*]", "[1*]N([2*])C", "[1*]O[2*]", "[1*]C(=O)[2*]", "[1*]CCCC[2*]"],
        ["[2*]C(C)=O", "[2*]CO", "[2*]c1ccccn1", "[2*]OC"],
    )
    choices = list(itertools.product(range(3), range(5), range(4)))
    terms = terms_of(reaction)
    products = [reaction.combination(number) for number in range(60)]
    mols = [zipped(*(synthon.smiles for synthon in one.synthons)) for one in products]
    assert np.abs(terms.of(choices) - property_profile(mols, SUMS)).max() <= TOLERANCE


def test_a_property_that_is_no_sum_is_refused_by_name(tmp_path: Path) -> None:
    reaction = made(tmp_path, ["CC[1*]", "C[1*]"], ["[1*]C", "[1*]CO"])
    with pytest.raises(UnsupportedError, match="fraction_sp3 is no sum"):
        terms_of(reaction, ("mol_weight", "fraction_sp3"))
    assert set(PROPERTIES) - set(SUMS) == {"fraction_sp3"}


def test_a_sum_that_does_not_hold_is_refused_by_name(tmp_path: Path) -> None:
    """Rings that are aromatic with one partner alone are no sum where all count as one kind."""
    reaction = made(tmp_path, ["N(C=C[1*])[2*]", "C(C=C[1*])[2*]"], ["[1*]C=C[2*]", "[1*]CC[2*]"])
    members = [range(2), range(2)]
    with pytest.raises(UnsupportedError, match=r"aromatic_rings of the products of r is no sum over their synthons"):
        property_terms(reaction, members, [dict.fromkeys(range(2), 0)] * 2, ("aromatic_rings",))


def test_a_space_of_one_product(tmp_path: Path) -> None:
    reaction = made(tmp_path, ["CC[1*]"], ["[1*]C"])
    assert np.allclose(terms_of(reaction).of([(0, 0)]), property_profile(["CCC"], SUMS))
