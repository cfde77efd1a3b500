"""The curves of a study, a task after another, as panels of its page."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from molq.report.figures.curves import Pairs, Ranking, Rankings, enrichment_curve, parity, roc_curve
from molq.report.numbers import decimal
from molq.results.study import Study, Variant

TASKS_DRAWN = 12
PANELS_OPEN = 8
"""of the first tasks; the others are there to unfold"""


def curve_panels(study: Study, chosen: Variant) -> list[tuple[str, str, Markup]]:
    """ROC and enrichment of every task, or predictions beside measured values: caption, remark and drawing."""
    tasks = range(len(study.variants[0].curves[:TASKS_DRAWN]))
    found = [panel for i in tasks for panel in _ranked(study, chosen, i)]
    return found or [_measured(study, chosen, i) for i in range(len(study.variants[0].predicted[:TASKS_DRAWN]))]


def _ranked(study: Study, chosen: Variant, i: int) -> Iterator[tuple[str, str, Markup]]:
    reference, *others = study.variants
    found = reference.curves[i]
    rankings = Rankings(
        _ranking(reference, i),
        None if chosen is reference else _ranking(chosen, i),
        [_ranking(v, i) for v in others if v is not chosen],
    )
    n = f"{found.actives[-1]:,} actives, {found.inactives[-1]:,} inactives among the test molecules"
    yield f"{found.task}: ROC curve", n, roc_curve(rankings)
    yield f"{found.task}: enrichment", n, enrichment_curve(rankings)


def _ranking(variant: Variant, i: int) -> Ranking:
    """Named by the scheme, and its ROC-AUC on the task."""
    found = variant.curves[i]
    area = variant.per_task.get(found.task, {}).get("roc_auc")
    return Ranking(variant.scheme if area is None else f"{variant.scheme}, AUC {decimal(area)}", found)


def _measured(study: Study, chosen: Variant, i: int) -> tuple[str, str, Markup]:
    reference = study.variants[0]
    found = reference.predicted[i]
    n = f"{found.of:,}" if len(found.measured) == found.of else f"{len(found.measured):,} of {found.of:,}"
    mine = None if chosen is reference else Pairs(chosen.scheme, chosen.predicted[i])
    drawn = parity(Pairs(reference.scheme, found), mine)
    return f"{found.task}: predicted and measured", f"{n} test molecules", drawn
