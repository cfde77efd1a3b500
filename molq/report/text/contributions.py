"""Which atoms make the scores, as text: of each molecule the sum, and its strongest atoms."""

from __future__ import annotations

from molq.report.numbers import short
from molq.report.table import Table
from molq.results.contributions import Explanation
from molq.results.hits import Contributions

SHOWN = 20
_STRONGEST = 2
_LONG = 26


def explanation_text(found: Explanation) -> str:
    """For a terminal."""
    lines = [f"Atoms of {found.model}, {found.column}: baseline + atoms = output, {unit_words(found)}"]
    lines += ["", explained_table(found).to_text()]
    lines += [f"{len(found.smiles) - SHOWN:,} more molecules"] if len(found.smiles) > SHOWN else []
    return "\n".join(lines)


def unit_words(found: Explanation) -> str:
    """What the numbers count."""
    return "in log odds" if found.unit == "log odds" else "in the unit of the task"


def explained_table(found: Explanation) -> Table:
    """A row per molecule; atoms are numbered as in the SMILES, the first 0."""
    rows = []
    for place, (smiles, parts) in enumerate(zip(found.smiles[:SHOWN], found.contributions, strict=False)):
        cells = ("–", "–", found.reasons.get(place, "")) if parts is None else _cells(parts)
        rows.append((_cut(smiles), *cells))
    return Table(("molecule", "baseline", "output", "strongest atoms, the first 0"), tuple(rows), left=(3,))


def _cells(parts: Contributions) -> tuple[str, str, str]:
    order = sorted(range(len(parts.atoms)), key=lambda atom: parts.atoms[atom])
    low = [atom for atom in order[:_STRONGEST] if parts.atoms[atom] < 0]
    high = [atom for atom in order[: -_STRONGEST - 1 : -1] if parts.atoms[atom] > 0]
    strongest = ", ".join(f"{atom}: {_signed(parts.atoms[atom])}" for atom in (*high, *low))
    return short(parts.baseline), short(parts.output), strongest


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + short(value)


def _cut(smiles: str) -> str:
    return smiles if len(smiles) <= _LONG else smiles[: _LONG - 1] + "…"
