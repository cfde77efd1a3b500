"""The 200 descriptors that chemprop 1 and chemprop 2's ``v1_rdkit_2d`` take, plain or as shares of a population.

Which they are, in what order, and how each is distributed among drug-like molecules are the facts of descriptastorus
2.8.0 (Novartis, BSD-3-Clause, see population.LICENSE): version 1.0.0 of its RDKit2D and RDKit2DNormalized. Here each
distribution is asked once for all molecules of a batch, which is several times as fast.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from rdkit import Chem
from rdkit.Chem import Descriptors
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.molecule_features.generator import F64, Failure, Generator

_ALKANE = "fr_unbrch_alkane"
"""counted by another pattern since RDKit 2024.03; the descriptors of version 1.0.0 keep the first"""
_ALKANE_PATTERN = "[R0;D2][R0;D2][R0;D2][R0;D2]"


class _Descriptor(NamedTuple):
    name: str
    distribution: str
    low: float
    high: float
    parameters: tuple[float, ...]
    """shapes, location and scale"""


def rdkit_2d_v1(*, normalized: bool) -> Generator:
    """The descriptors of the molecule that its canonical SMILES stands for; not defined where RDKit raises.

    ``normalized``: the share of a drug-like population that has a smaller value.
    """
    described = _population()
    functions = dict(Descriptors.descList)
    alkane = Chem.MolFromSmarts(_ALKANE_PATTERN)
    functions[_ALKANE] = lambda mol: len(mol.GetSubstructMatches(alkane, uniquify=True))
    chosen = [functions[descriptor.name] for descriptor in described]

    def row(mol: Chem.Mol) -> F64 | Failure:
        canonical, complaint = asked(Chem.MolToSmiles, mol)
        with BlockLogs():
            again, complaint = asked(Chem.MolFromSmiles, canonical) if canonical is not None else (None, complaint)
        if again is None:
            return Failure(f"RDKit does not read the SMILES that it writes for it ({complaint or canonical})")
        answers = [asked(function, again)[0] for function in chosen]
        return np.array([np.nan if answer is None else answer for answer in answers], np.float64)

    columns = tuple(descriptor.name for descriptor in described)
    return Generator(columns, row, _shares) if normalized else Generator(columns, row)


def _shares(values: F64) -> F64:
    """Of a population that has smaller values [n, 200]."""
    from scipy import stats  # late, as it takes half a second

    shares = np.empty_like(values)
    with np.errstate(all="ignore"):
        for column, descriptor in enumerate(_population()):
            distribution: Any = getattr(stats, descriptor.distribution)
            *shapes, location, scale = descriptor.parameters
            # one of the distributions is integrated numerically, so each value is asked for once
            distinct, place = np.unique(values[:, column], return_inverse=True)
            within = np.clip(distinct, descriptor.low, descriptor.high)
            share = distribution.cdf(within, *shapes, loc=location, scale=scale)
            shares[:, column] = np.clip(share, 0.0, 1.0)[place]
    return shares


@cache
def _population() -> tuple[_Descriptor, ...]:
    text = resources.files(__package__).joinpath("population.csv").read_text(encoding="ascii")
    return tuple(
        _Descriptor(
            row["descriptor"],
            row["distribution"],
            float(row["low"]),
            float(row["high"]),
            tuple(float(number) for number in row["parameters"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )
