"""Diverse subsets by RDKit's MaxMin picker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import ExplicitBitVect
from rdkit.rdBase import BlockLogs
from rdkit.SimDivFilters.rdSimDivPickers import MaxMinPicker

from molq.chem.molecule import asked


def pick_diverse(
    smiles: Sequence[str], size: int, *, seed: int = 0, radius: int = 2, n_bits: int = 2048
) -> NDArray[np.int64]:
    """Places [size] of molecules that are mutually dissimilar, in the order of picking.

    The first is drawn by the seed; each next one has the largest Tanimoto distance, on Morgan fingerprints, to the
    nearest of those picked. Every SMILES must parse. Source: Ashton et al., Quant. Struct.-Act. Relat. 21, 598 (2002).
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    nothing = ExplicitBitVect(n_bits)
    with BlockLogs():
        mols = [asked(Chem.MolFromSmiles, text)[0] for text in smiles]
        fingerprints = [asked(generator.GetFingerprint, mol)[0] or nothing for mol in mols]
    first = int(np.random.default_rng(seed).integers(len(smiles)))
    picks = MaxMinPicker().LazyBitVectorPick(fingerprints, len(smiles), size, firstPicks=[first], seed=seed % 2**31)
    return np.array(list(picks), np.int64)
