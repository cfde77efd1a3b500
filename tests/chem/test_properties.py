import numpy as np
from rdkit import Chem
from rdkit.Chem import Descriptors, rdMolDescriptors

from molq.chem.properties import PROPERTIES, property_profile

ORACLES = {
    "heavy_atoms": Descriptors.HeavyAtomCount,
    "mol_weight": Descriptors.MolWt,
    "logp": Descriptors.MolLogP,
    "tpsa": Descriptors.TPSA,
    "h_donors": rdMolDescriptors.CalcNumHBD,
    "h_acceptors": rdMolDescriptors.CalcNumHBA,
    "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds,
    "rings": Descriptors.RingCount,
    "aromatic_rings": Descriptors.NumAromaticRings,
    "formal_charge": Chem.GetFormalCharge,
    "fraction_sp3": Descriptors.FractionCSP3,
    "hetero_atoms": Descriptors.NumHeteroatoms,
}


def test_every_property_equals_rdkits(dataset_smiles):
    smiles = [*dataset_smiles("clintox", 200), "C", "[Na+].[Cl-]", "[2H]O[2H]"]
    smiles = [s for s in smiles if Chem.MolFromSmiles(s) is not None]
    profile = property_profile(smiles)
    assert profile.shape == (len(smiles), len(PROPERTIES))
    assert tuple(ORACLES) == PROPERTIES
    for row, text in zip(profile, smiles, strict=True):
        mol = Chem.MolFromSmiles(text)
        np.testing.assert_allclose(row, [oracle(mol) for oracle in ORACLES.values()], rtol=1e-12)


def test_what_is_no_molecule_has_no_profile(capfd):
    profile = property_profile(["C(", "CCO", "C\udc80", ""])
    assert np.isnan(profile).all(axis=1).tolist() == [True, False, True, True]
    assert not np.isnan(profile[1]).any()
    assert capfd.readouterr().err == ""
