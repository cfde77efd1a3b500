"""The molecule features of many molecules, named, in one array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.molecule_features.fingerprints import charge, morgan
from molq.chem.molecule_features.generator import F64, Failure, Generator
from molq.chem.molecule_features.names import V1_PREFIX
from molq.chem.molecule_features.rdkit_2d import rdkit_2d
from molq.chem.molecule_features.rdkit_2d_v1 import rdkit_2d_v1


class MoleculeFeatures(NamedTuple):
    """Features of the molecules that have them; the others with the reason why not."""

    values: NDArray[np.float32]
    """[m, k], of the molecules ``kept``"""
    kept: NDArray[np.int64]
    """[m], rising places among those given"""
    failed: dict[int, str]
    """place → reason"""


def molecule_features(mols: Sequence[Chem.Mol], names: Sequence[str]) -> MoleculeFeatures:
    """The features of those names side by side, of the ``mols`` as they are; what is not defined is 0, as in chemprop.

    A number beyond float32 is infinite. ``names`` are those of molq.chem.molecule_features.names.
    """
    generators = [generator(name) for name in names]
    rows: list[list[F64]] = [[] for _ in generators]
    kept: list[int] = []
    failed: dict[int, str] = {}
    with BlockLogs():
        for place, mol in enumerate(mols):
            found = _rows(mol, generators)
            if isinstance(found, Failure):
                failed[place] = found.reason
                continue
            kept.append(place)
            for column, row in zip(rows, found, strict=True):
                column.append(row)
    blocks = [
        made.finish(np.array(own, np.float64).reshape(len(own), len(made.columns)))
        for made, own in zip(generators, rows, strict=True)
    ]
    joined = np.concatenate([np.empty((len(kept), 0)), *blocks], axis=1)
    joined[np.isnan(joined)] = 0.0
    with np.errstate(over="ignore"):
        return MoleculeFeatures(joined.astype(np.float32), np.array(kept, np.int64), failed)


def columns(names: Sequence[str]) -> tuple[str, ...]:
    """What the numbers of those features are called here and now."""
    return tuple(f"{name} {column}" for name in names for column in generator(name).columns)


def width(names: Sequence[str]) -> int:
    """How many numbers those features have here and now."""
    return sum(len(generator(name).columns) for name in names)


@cache
def generator(name: str) -> Generator:
    """What computes the feature of that name."""
    if name.startswith(V1_PREFIX):
        return _with_zeros(_V1_MAKERS[name.removeprefix(V1_PREFIX)]())
    return _MAKERS[name]()


_MAKERS: dict[str, Callable[[], Generator]] = {
    "morgan_binary": partial(morgan, counts=False, chirality=True),
    "morgan_count": partial(morgan, counts=True, chirality=True),
    "rdkit_2d": rdkit_2d,
    "v1_rdkit_2d": partial(rdkit_2d_v1, normalized=False),
    "v1_rdkit_2d_normalized": partial(rdkit_2d_v1, normalized=True),
    "charge": charge,
}
_V1_MAKERS: dict[str, Callable[[], Generator]] = {
    "morgan": partial(morgan, counts=False, chirality=False),
    "morgan_count": partial(morgan, counts=True, chirality=False),
    "rdkit_2d": partial(rdkit_2d_v1, normalized=False),
    "rdkit_2d_normalized": partial(rdkit_2d_v1, normalized=True),
}


def _rows(mol: Chem.Mol, generators: Sequence[Generator]) -> list[F64] | Failure:
    found = []
    for made in generators:
        row, complaint = asked(made.row, mol)
        if row is None or isinstance(row, Failure):
            return row or Failure(complaint or "RDKit gives no reason")
        found.append(row)
    return found


def _with_zeros(made: Generator) -> Generator:
    """The same, with nothing defined for molecules without heavy atoms: chemprop 1 gives them zeros."""
    nothing = np.full(len(made.columns), np.nan)
    return made._replace(row=lambda mol: made.row(mol) if mol.GetNumHeavyAtoms() else nothing)
