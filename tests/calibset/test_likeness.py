from __future__ import annotations

import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molq.calibset import likeness as module
from molq.calibset.likeness import likeness
from molq.calibset.population import populate


def similarity(a: str, b: str) -> float:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    left, right = (generator.GetFingerprint(Chem.MolFromSmiles(smiles)) for smiles in (a, b))
    return DataStructs.TanimotoSimilarity(left, right)


def test_every_molecule_stands_beside_its_nearest_and_never_beside_itself(reference):
    library = reference.population.smiles
    molecules = populate([library[0], library[1], "CCCCCCCCCCCC", "OCC(O)CO"])
    found = likeness(reference, molecules)
    assert {one.smiles for one in found.chosen} == set(molecules.smiles)
    assert [one.similarity for one in found.chosen] == sorted((o.similarity for o in found.chosen), reverse=True)
    own = {library[0], library[1]}
    for one in found.chosen:
        others = set(library) - own
        assert one.nearest in others
        assert np.isclose(one.similarity, similarity(one.smiles, one.nearest))
        assert np.isclose(one.similarity, max(similarity(one.smiles, other) for other in others))
    assert own.isdisjoint(one.smiles for one in found.uncovered)
    least = found.uncovered[0]
    assert np.isclose(least.similarity, max(similarity(least.smiles, smiles) for smiles in molecules.smiles))
    assert least.similarity == min(one.similarity for one in found.uncovered)


def test_of_a_large_set_some_are_named_the_ends_among_them(reference, monkeypatch):
    molecules = populate(["C" * n + "O" for n in range(1, 12)])
    whole = likeness(reference, molecules).chosen
    monkeypatch.setattr(module, "N_CHOSEN", 4)
    some = likeness(reference, molecules).chosen
    assert len(some) == 4
    assert (some[0], some[-1]) == (whole[0], whole[-1])


def test_a_set_that_is_the_library_has_no_neighbours(reference):
    found = likeness(reference, reference.population)
    assert (found.chosen, found.uncovered) == ((), ())
