"""The property profile by which calibration sets are matched to a library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_RDKIT_NAMES = {
    "heavy_atoms": "NumHeavyAtoms",
    "mol_weight": "amw",
    "logp": "CrippenClogP",
    "tpsa": "tpsa",
    "h_donors": "NumHBD",
    "h_acceptors": "NumHBA",
    "rotatable_bonds": "NumRotatableBonds",
    "rings": "NumRings",
    "aromatic_rings": "NumAromaticRings",
    "fraction_sp3": "FractionCSP3",
    "hetero_atoms": "NumHeteroatoms",
}
_CHARGE = "formal_charge"


def property_profile(smiles: Sequence[str], names: Sequence[str] = PROPERTIES) -> NDArray[np.float64]:
    """Properties [n, len(names)] of each molecule, as RDKit computes them; NaN for what is no molecule."""
    return profile_of(map(molecule, smiles), names)


def profile_of(mols: Iterable[Chem.Mol | None], names: Sequence[str] = PROPERTIES) -> NDArray[np.float64]:
    """The same of molecules that are at hand."""
    computer = rdMolDescriptors.Properties([_RDKIT_NAMES[name] for name in names if name != _CHARGE])
    charge = [i for i, name in enumerate(names) if name == _CHARGE]
    rest = [i for i, name in enumerate(names) if name != _CHARGE]
    rows = []
    with BlockLogs():
        for mol in mols:
            row = np.full(len(names), np.nan)
            if mol is not None and mol.GetNumAtoms():
                found, _ = asked(_described, computer, mol)
                if found is not None:
                    row[rest], row[charge] = found
            rows.append(row)
    return np.array(rows).reshape(len(rows), len(names))


def _described(computer: Any, mol: Chem.Mol) -> tuple[Sequence[float], int]:
    return computer.ComputeProperties(mol), Chem.GetFormalCharge(mol)
