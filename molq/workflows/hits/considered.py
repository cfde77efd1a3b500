"""The best rows as molecules: each once, with its properties, less what a filter drops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from molq.chem.identity import canonical_smiles
from molq.chem.molecule import molecule
from molq.chem.properties import PROPERTIES, property_profile
from molq.chem.selection.alerts import Alerts
from molq.chem.selection.conditions import Condition
from molq.workflows.hits.read_scores import ScoredRow

UNREADABLE = "RDKit reads no molecule of the SMILES"
REPEATED = "the same molecule as a better row"


class Molecule(NamedTuple):
    """A molecule with its rank among all rows."""

    rank: int
    row: ScoredRow
    properties: dict[str, float]


class Considered(NamedTuple):
    """Molecules from which to choose, best first, and reason → how many of the best rows are not among them."""

    molecules: list[Molecule]
    left_out: dict[str, int]


def considered(rows: Sequence[ScoredRow], dropped: Alerts | None, conditions: Sequence[Condition]) -> Considered:
    """The molecules of the best rows with properties, less repeats and what meets an alert or misses a condition.

    A molecule that several would drop counts for the first of them, conditions before alerts.
    """
    distinct, left_out = _distinct(rows)
    profiles = property_profile([row.smiles for _, row in distinct]).tolist()
    kept = []
    for (rank, row), profile in zip(distinct, profiles, strict=True):
        properties = dict(zip(PROPERTIES, profile, strict=True))
        unmet = next((condition for condition in conditions if not condition.is_met(properties)), None)
        if unmet is not None:
            left_out[f"not {unmet}"] += 1
            continue
        if dropped is not None and (found := dropped.of(row.smiles)):
            left_out[f"alert {found[0]}"] += 1
            continue
        kept.append(Molecule(rank, row, properties))
    return Considered(kept, dict(left_out.most_common()))


def _distinct(rows: Sequence[ScoredRow]) -> tuple[list[tuple[int, ScoredRow]], Counter[str]]:
    """(rank, row) of every molecule, where it stands first, and why rows are none."""
    left_out: Counter[str] = Counter()
    seen: set[str] = set()
    distinct = []
    for rank, row in enumerate(rows, 1):
        mol = molecule(row.smiles)
        spelled = canonical_smiles(row.smiles)
        if mol is None or not mol.GetNumAtoms():
            left_out[UNREADABLE] += 1
        elif spelled in seen:
            left_out[REPEATED] += 1
        else:
            seen.add(spelled)
            distinct.append((rank, row))
    return distinct, left_out
