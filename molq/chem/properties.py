"""The property profile by which calibration sets are matched to a library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked, molecule

PROPERTIES: tuple[str, ...] = (
    "heavy_atoms",
    "mol_weight",  # average, u
    "logp",  # Crippen
    "tpsa",  # Å²
    "h_donors",
    "h_acceptors",
    "rotatable_bonds",
    "rings",
    "aromatic_rings",
    "formal_charge",
    "fraction_sp3",
    "hetero_atoms",
)
_RDKIT_NAMES = (
    "NumHeavyAtoms",
    "amw",
    "CrippenClogP",
    "tpsa",
    "NumHBD",
    "NumHBA",
    "NumRotatableBonds",
    "NumRings",
    "NumAromaticRings",
    "FractionCSP3",
    "NumHeteroatoms",
)
_CHARGE_COLUMN = PROPERTIES.index("formal_charge")


def property_profile(smiles: Sequence[str]) -> NDArray[np.float64]:
    """Properties [n, len(PROPERTIES)] of each molecule, as RDKit computes them; NaN for what is no molecule."""
    profile = np.full((len(smiles), len(PROPERTIES)), np.nan)
    computer = rdMolDescriptors.Properties(list(_RDKIT_NAMES))
    rest = [i for i in range(len(PROPERTIES)) if i != _CHARGE_COLUMN]
    with BlockLogs():
        for row, text in enumerate(smiles):
            mol = molecule(text)
            if mol is None or mol.GetNumAtoms() == 0:
                continue
            found, _ = asked(_described, computer, mol)
            if found is not None:
                profile[row, rest], profile[row, _CHARGE_COLUMN] = found
    return profile


def _described(computer: Any, mol: Chem.Mol) -> tuple[Sequence[float], int]:
    return computer.ComputeProperties(mol), Chem.GetFormalCharge(mol)
