from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors
from scipy.stats import wasserstein_distance

from molq.calibset.coverage import coverage
from molq.calibset.population import populate
from molq.calibset.reference import describe
from molq.calibset.statistics import STATISTICS, Compared
from molq.calibset.two_sample import mean_of_pairs
from molq.chem.properties import PROPERTIES, property_profile
from molq.chem.rdkit_featurize import pack_mol

NAMES = [statistic.name for statistic in STATISTICS]


def _values(reference, smiles):
    encoded = reference.encoder.encode(populate(smiles))
    return dict(zip(NAMES, reference.compared.statistics(encoded), strict=True))


def test_coverage_of_strangers_is_the_plain_coverage(reference):
    strangers = [
        "CCCCCCc1ccccc1",
        "CCCCCCC1CCNCC1",
        "CCCCCCc1ccccn1",
        "BrC(Br)Br",
        "C[N+](C)(C)C",
        *["C" * n for n in range(5, 15)],
    ]
    found, plain = _values(reference, strangers), coverage(populate(strangers), reference.population)
    assert found["scaffold_coverage"] == pytest.approx(plain["scaffold"])
    assert found["generic_scaffold_coverage"] == pytest.approx(plain["generic_scaffold"])
    assert found["element_coverage"] == pytest.approx(plain["element"])


def test_molecules_of_the_set_are_left_out_of_the_library(reference, large_library):
    # all molecules of one scaffold: the library that remains has none with it
    pyridines = [s for s in large_library if "nc1" in s]
    assert _values(reference, pyridines)["scaffold_coverage"] == 0


def test_more_molecules_never_cover_less(reference, large_library):
    strangers = ["CCCCC" + s for s in large_library[::7]]
    names = [name for name in NAMES if name.endswith("_coverage")]
    before = dict.fromkeys(names, 0.0)
    for n in (10, 20, 40, 80):
        now = _values(reference, strangers[:n])
        assert all(now[name] >= before[name] for name in names)
        before = now


def test_the_order_of_the_set_does_not_matter(reference, large_library):
    chosen = large_library[::9]
    first, second = _values(reference, chosen), _values(reference, chosen[::-1])
    assert first == second


def test_a_set_of_one_kind_is_farther_in_every_distribution(reference, large_library):
    rng = np.random.default_rng(0)
    plain = _values(reference, [large_library[i] for i in rng.choice(len(large_library), 60, replace=False)])
    alkanes = _values(reference, ["C" * n for n in range(5, 65)])
    assert alkanes["classifier_auc"] > 0.95 > plain["classifier_auc"]
    assert alkanes["mmd_tanimoto"] > 10 * abs(plain["mmd_tanimoto"])
    assert alkanes["wasserstein_rings"] > plain["wasserstein_rings"]
    assert alkanes["nearest_neighbour_tanimoto"] < plain["nearest_neighbour_tanimoto"]


MORE = [
    "CC(=O)[O-]",
    "C[N+](C)(C)C",
    "C[N+](C)(C)CC(=O)[O-]",
    "[O-]c1ccccc1",
    "CCBr",
    "C[Si](C)(C)C",
    "CP(C)C",
    "C1CC2CCC1CC2",
    "c1ccc2cc3ccccc3cc2c1",
]


def _traits(smiles):
    """What coverage counts of one molecule, by RDKit alone."""
    mol = Chem.MolFromSmiles(smiles)
    return {
        "element_coverage": {atom.GetSymbol() for atom in mol.GetAtoms()},
        "charge_coverage": {atom.GetFormalCharge() for atom in mol.GetAtoms()},
        "ring_coverage": {(rdMolDescriptors.CalcNumRings(mol), rdMolDescriptors.CalcNumAromaticRings(mol))},
        "atom_type_coverage": set(pack_mol(mol).atoms.tolist()),
    }


def test_every_statistic_is_what_it_says_of_the_library_without_the_set(library):
    whole = [*library, *MORE]
    # some of the library, the rest strangers
    chosen = [*library[3:40:6], "CCCCC[O-]", "CCCCCCN", "c1ccc2ccccc2c1", "CCI", "OCC1CCNCC1", "CCCCCCCCC"]
    reference, rest = describe(whole), [s for s in whole if s not in chosen]
    found = dict(zip(NAMES, reference.compared.statistics(reference.encoder.encode(populate(chosen))), strict=True))
    traits, held = [_traits(s) for s in rest], [_traits(s) for s in chosen]
    for name in traits[0]:
        seen = set().union(*(one[name] for one in held))
        covered = np.mean([one[name] <= seen for one in traits])
        assert found[name] == pytest.approx(covered), name
        assert 0.2 < covered < 1
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    theirs, ours = ([generator.GetFingerprint(Chem.MolFromSmiles(s)) for s in part] for part in (rest, chosen))
    kernel = np.array([DataStructs.BulkTanimotoSimilarity(one, ours) for one in theirs])
    assert found["nearest_neighbour_tanimoto"] == pytest.approx(kernel.max(axis=1).mean(), rel=1e-5)
    within = [np.array([DataStructs.BulkTanimotoSimilarity(a, part) for a in part]) for part in (theirs, ours)]
    discrepancy = sum(mean_of_pairs(part) for part in within) - 2 * kernel.mean()
    assert found["mmd_tanimoto"] == pytest.approx(discrepancy, abs=1e-5)
    for name, a, b in zip(PROPERTIES, property_profile(rest).T, property_profile(chosen).T, strict=True):
        assert found[f"wasserstein_{name}"] == pytest.approx(wasserstein_distance(a, b))


def test_a_classifier_does_not_mind_the_units_of_a_property(library):
    reference = describe(library)
    everyone, chosen = (reference.encoder.encode(populate(part)) for part in (library, library[::5]))
    aucs = []
    for units in (np.ones(len(PROPERTIES)), 10.0 ** np.arange(len(PROPERTIES))):
        whole, some = (replace(part, profile=part.profile * units) for part in (everyone, chosen))
        compared = Compared(whole, np.arange(len(whole)), 0)
        aucs.append(compared.statistics(some)[NAMES.index("classifier_auc")])
    assert aucs[0] == pytest.approx(aucs[1], abs=1e-6)
