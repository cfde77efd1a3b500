"""What executed scores of labelled molecules look like beside the labels: drawn, not summed up in a number."""

from __future__ import annotations

from molq.results.shown import Result


class FoundCurve(Result, frozen=True):
    """Actives met down the list of a task, ranked by a model: the corners of its ROC and of its enrichment curve.

    Counts grow from 0 to all; between two corners both curves are straight. Tied molecules are met together.
    """

    task: str
    """the prediction's name"""
    inactives: tuple[int, ...]
    """met so far"""
    actives: tuple[int, ...]


class Predicted(Result, frozen=True):
    """Predictions of a task beside the measured values, of all labelled molecules or a seeded draw of them."""

    task: str
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    of: int
    """labelled molecules, of which these are all or a draw"""
