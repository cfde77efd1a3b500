"""SMILES to contributions: every SMILES once, atoms in RDKit's order, hydrogens with the atoms they are bound to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from heads import head_of
from molecules import DRUGS
from msgspec.structs import replace
from rdkit import Chem
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.chem.recipe import PLAIN, Recipe
from molq.engine.engine import Engine
from molq.nn.config import PredictorConfig
from molq.nn.outputs import Outputs
from molq.workflows.contributions import contributions_of

HYDROGENS = [
    "[H]C([2H])(O)C", "[H]OC", "CC[H]", "[H][H]", "[H]", "O([H])[H].[Na+]", "[H]/C(C)=C/F",
    "[H][C@@](C)(O)F", "[H]n1cccc1",
]  # fmt: skip


@pytest.mark.parametrize("hydrogens", ["implicit", "explicit", "kept", "kept+explicit"])
def test_every_atom_of_the_smiles_has_its_part_and_they_add_up(hydrogens: str) -> None:
    config: PredictorConfig = replace(VARIETY[0], recipe=Recipe(hydrogens=hydrogens))
    engine = Engine(network(config))
    explained = contributions_of(engine, DRUGS + HYDROGENS)
    assert not explained.reasons
    for smiles, found in zip(DRUGS + HYDROGENS, explained.found, strict=True):
        assert found is not None
        assert len(found.atoms) == Chem.MolFromSmiles(smiles).GetNumAtoms()
        assert found.baseline + sum(found.atoms) == pytest.approx(found.output, abs=1e-9)


@pytest.mark.parametrize("hydrogens", ["implicit", "explicit", "kept", "kept+explicit"])
def test_another_spelling_moves_the_parts_with_its_atoms(hydrogens: str) -> None:
    """Without stereo: the tag of a centre depends on the order of its neighbours."""
    config = replace(VARIETY[0], recipe=Recipe(hydrogens=hydrogens, ignore_stereo=True))
    engine = Engine(network(config))
    for smiles in DRUGS:
        mol = Chem.MolFromSmiles(smiles)
        order = np.random.default_rng(0).permutation(mol.GetNumAtoms()).tolist()
        other = Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)
        written = list(Chem.MolFromSmiles(other).GetSubstructMatch(mol, useChirality=False))
        here, there = (found.atoms for found in contributions_of(engine, [smiles, other]).found)
        if len(set(Chem.CanonicalRankAtoms(mol, breakTies=False))) == mol.GetNumAtoms():
            np.testing.assert_allclose(np.array(there)[written], here, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(sorted(there), sorted(here), rtol=1e-5, atol=1e-7)


def test_a_hydrogen_that_is_written_counts_for_its_neighbour() -> None:
    engine = Engine(network(replace(VARIETY[0], recipe=Recipe(hydrogens="kept"))))
    (written,) = contributions_of(engine, ["[H]OCC"]).found
    parts = engine.contributions(featurize(["[H]OCC"], recipe=engine.recipe).graphs, "a")
    assert len(parts.atoms) == 4
    np.testing.assert_allclose(written.atoms, [parts.atoms[:2].sum(), *parts.atoms[2:]], rtol=1e-5, atol=1e-7)


def test_atoms_of_the_graph_are_those_of_rdkit() -> None:
    """The fast path's too: what is drawn at an atom belongs to it."""
    graphs = featurize(DRUGS).graphs
    for k, smiles in enumerate(DRUGS):
        atoms = graphs.atoms[graphs.atom_ptr[k] : graphs.atom_ptr[k + 1]]
        assert [int(a) & 255 for a in atoms] == [a.GetAtomicNum() for a in Chem.MolFromSmiles(smiles).GetAtoms()]


def test_a_planted_group_is_found_where_it_is() -> None:
    """A network whose first state counts bromine: its atom has the whole output."""
    made = network(replace(VARIETY[1], depth=1, readout="sum", head_hidden=()))
    made = type(made)(made.config).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.zero_()
        made.encoder.W_o_atom.weight[0, 34] = 1.0  # Z = 35 of V2's features
        made.head.layers[0].weight[0, 0] = 2.0
    (found,) = contributions_of(Engine(made), ["OCC(Br)CCBr"]).found
    np.testing.assert_allclose(found.atoms, [0, 0, 0, 2, 0, 0, 2])
    assert found.output == 4


def test_what_has_no_score_has_a_reason() -> None:
    engine = Engine(head_of(Outputs("classification", "dirichlet")))
    explained = contributions_of(engine, ["CCO", "c1cc", "", "C" * 40, "C\ud800"], max_atoms=30)
    assert explained.column == "logS"
    assert [found is None for found in explained.found] == [False, True, True, True, True]
    assert sorted(explained.reasons) == [1, 2, 3, 4]
    assert "31" not in explained.reasons[3]
    assert contributions_of(engine, []).found == []


def test_a_score_that_overflows_has_no_parts() -> None:
    made = head_of(Outputs("regression"))
    with torch.no_grad():
        made.head.layers[-1].weight.fill_(3e38)
        made.head.layers[-2].bias.fill_(10)
    assert contributions_of(Engine(made), ["CCO"]).reasons == {0: "its score is no finite number"}


def test_the_plain_recipe_asks_rdkit_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molq.workflows.contributions.own_atoms", None)
    engine = Engine(network(VARIETY[0]))
    assert engine.recipe == PLAIN
    assert len(contributions_of(engine, ["CCO"]).found[0].atoms) == 3
