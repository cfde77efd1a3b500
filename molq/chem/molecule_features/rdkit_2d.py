"""All descriptors that this release of RDKit lists, as chemprop 2's ``rdkit_2d`` takes them."""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem import Descriptors

from molq.chem.molecule_features.generator import F64, Failure, Generator, each

_UNDEFINED_WITHOUT_HEAVY_ATOMS = "SPS"


def rdkit_2d() -> Generator:
    """Descriptors in RDKit's order; how many there are depends on its release."""
    listed = tuple(Descriptors.descList)
    lighter = tuple((name, _zero if name == _UNDEFINED_WITHOUT_HEAVY_ATOMS else function) for name, function in listed)

    def row(mol: Chem.Mol) -> F64 | Failure:
        return each(listed if mol.GetNumHeavyAtoms() else lighter, mol)

    return Generator(tuple(name for name, _ in listed), row)


def _zero(_mol: Chem.Mol) -> float:
    return 0.0
