"""The whole road from scores to hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from molq.chem.selection.alerts import Alerts
from molq.chem.selection.conditions import conditions
from molq.errors import InputError
from molq.progress import Progress
from molq.results.hits import Hit, Hits
from molq.workflows.hits.choice import Chosen, diverse
from molq.workflows.hits.considered import Molecule, considered
from molq.workflows.hits.nearness import with_nearness
from molq.workflows.hits.read_scores import BestScores, Reading, best_scores

if TYPE_CHECKING:  # without a model no torch is imported
    from molq.store.molqfile import Loaded

DIVERSE_BY = ("cluster", "maxmin")


@dataclass(frozen=True)
class Wishes:
    """What is asked of a list of hits."""

    top: int = 500
    lowest: bool = False
    diverse: int | None = None
    diverse_by: Literal["cluster", "maxmin"] = "cluster"
    filters: tuple[str, ...] = ()
    drop_alerts: bool = False
    conditions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.diverse_by not in DIVERSE_BY:
            raise InputError(f"`diverse_by` is {self.diverse_by!r}; choose from {', '.join(DIVERSE_BY)}")
        if self.drop_alerts and not self.filters:
            raise InputError("`drop_alerts` drops molecules with alerts: name the alerts with `filter`")


class ReferenceMolecules(NamedTuple):
    """Molecules that hits may be near to."""

    smiles: Sequence[str]
    name: str


class Judges(NamedTuple):
    """What is known beside the scores."""

    model: Loaded | None = None
    """that gave them"""
    against: Loaded | None = None
    reference: ReferenceMolecules | None = None


def find_hits(
    scores: str | Path | Sequence[str | Path],
    wishes: Wishes,
    reading: Reading,
    judges: Judges,
    name: str,
    progress: Progress,
) -> Hits:
    """The best rows of scores as a list worth ordering; ``name`` is what the scores are called.

    Raises InputError for scores that cannot be read, and for filters and conditions that are none.
    """
    alerts = Alerts(wishes.filters) if wishes.filters else None
    bounds = [bound for text in wishes.conditions for bound in conditions(text, "property")]
    progress.stage("read scores")
    best = best_scores(scores, wishes.top, wishes.lowest, reading, progress)
    progress.stage("look at molecules")
    found = considered(best.rows, alerts if wishes.drop_alerts else None, bounds)
    chosen, notes = _chosen(found.molecules, wishes)
    hits = Hits(
        task=best.columns.task,
        columns=best.columns.numbers,
        descending=not wishes.lowest,
        source=name,
        rows=best.n_scored,
        considered=len(best.rows),
        choice="top" if wishes.diverse is None else wishes.diverse_by,
        hits=tuple(_hit(one) for one in chosen),
        unscored=best.unscored,
        left_out=found.left_out,
        other_columns=best.columns.texts,
        filters=tuple(alerts.names) if alerts else (),
        conditions=tuple(map(str, bounds)),
        notes=(*best.notes, *_tie_note(best), *notes),
    )
    hits = _judged(hits, [_hit(Chosen(molecule)) for molecule in found.molecules], judges)
    return hits if alerts is None or wishes.drop_alerts else _flagged(hits, alerts)


def _flagged(hits: Hits, alerts: Alerts) -> Hits:
    """The list with the alerts of each molecule."""
    return replace(
        hits,
        hits=tuple(replace(hit, alerts=alerts.of(hit.smiles)) for hit in hits.hits),
        most_moved=tuple(replace(hit, alerts=alerts.of(hit.smiles)) for hit in hits.most_moved),
    )


def _judged(hits: Hits, considered: list[Hit], judges: Judges) -> Hits:
    """The list with what models and the reference say of it."""
    reference = judges.reference
    if judges.model is None and reference is not None:
        hits = with_nearness(hits, *reference)
    if judges.model is None and judges.against is None:
        return hits
    from molq.workflows.hits.with_model import with_model, with_other  # late: it brings torch

    if judges.model is not None:
        smiles, name = (None, "") if reference is None else reference
        hits = with_model(hits, judges.model, smiles, name)
    return hits if judges.against is None else with_other(hits, considered, judges.against, judges.model)


def _chosen(molecules: Sequence[Molecule], wishes: Wishes) -> tuple[list[Chosen], list[str]]:
    if wishes.diverse is None:
        return [Chosen(molecule) for molecule in molecules], []
    return diverse(molecules, wishes.diverse, wishes.diverse_by)


def _hit(chosen: Chosen) -> Hit:
    molecule, row = chosen.molecule, chosen.molecule.row
    return Hit(
        rank=molecule.rank,
        row=row.row,
        smiles=row.smiles,
        identifier=row.identifier,
        score=row.score,
        scores=row.numbers,
        others=row.cells,
        cluster=chosen.cluster,
        cluster_size=chosen.cluster_size,
        properties=molecule.properties,
    )


def _tie_note(best: BestScores) -> list[str]:
    if not best.n_tied_out:
        return []
    rows = "1 row is" if best.n_tied_out == 1 else f"{best.n_tied_out:,} rows are"
    return [f"{rows} left out with the score of rank {len(best.rows):,}: of equal scores the earlier rows come first"]
