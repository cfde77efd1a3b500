"""Morgan fingerprints of radius 2 in 2,048 bits or counts, and the formal charge."""

from __future__ import annotations

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molq.chem.molecule_features.generator import F64, Generator

RADIUS = 2
N_BITS = 2048


def morgan(*, counts: bool, chirality: bool) -> Generator:
    """Whether, or how often, each environment occurs; chemprop 2 tells centres by their chirality, chemprop 1 not."""
    made = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS, includeChirality=chirality)
    fingerprint = made.GetCountFingerprintAsNumPy if counts else made.GetFingerprintAsNumPy

    def row(mol: Chem.Mol) -> F64:
        return np.asarray(fingerprint(mol), np.float64)

    return Generator(tuple(f"{'count' if counts else 'bit'} {i}" for i in range(N_BITS)), row)


def charge() -> Generator:
    """The formal charge."""
    return Generator(("charge",), lambda mol: np.array([Chem.GetFormalCharge(mol)], np.float64))
