"""Molecules of a calibration set beside those of a library, as cards: like each other, and unlike."""

from __future__ import annotations

from collections.abc import Iterable

from molq.report.figures.molecule import MoleculeCard, card
from molq.report.numbers import decimal, percent
from molq.results.validation import Neighbour

N_SHOWN = 5


def neighbour_cards(found: Iterable[Neighbour]) -> list[MoleculeCard]:
    """Each with its similarity to the nearest molecule of the other side."""
    return [card(one.smiles, facts=[("Tanimoto", decimal(one.similarity, 2))]) for one in found]


def scaffold_cards(found: Iterable[tuple[str, float]]) -> list[MoleculeCard]:
    """Scaffolds with the share of molecules behind each; "" is the acyclic ones."""
    return [
        card(smiles, score=percent(share, 2), note="" if smiles else "acyclic molecules") for smiles, share in found
    ]
