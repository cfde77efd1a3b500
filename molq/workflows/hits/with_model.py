"""What models say of the molecules of a list: whether they gave its scores, and whether these can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.columns import ranked
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.results.hits import Contributions, Hit, Hits, Moved
from molq.store.molqfile import Loaded
from molq.task_names import task_columns
from molq.workflows.applicability.domain import domain_of
from molq.workflows.contributions import contributions_of

SAME = 1e-6
"""how far a score may lie from that of a file, in spreads of the list, and be the same: text of float32"""
ROUNDED = 0.01
"""likewise, where the file rounds, or holds the scores of the model in another precision"""
N_MOVED = 24


def with_model(hits: Hits, model: Loaded, reference: Sequence[str] | None, reference_name: str) -> Hits:
    """The list with what the model says of it; ``reference`` holds SMILES of what it was trained on, None for its own.

    Raises InputError where the model has no score of that name, or no molecule of the reference can be read.
    """
    column = column_of(model, hits.task)
    smiles = [hit.smiles for hit in hits.hits]
    engine = Engine(model.network)
    notes = [*_renamed(model, column, hits.task), *agreement(hits.hits, scores_of(engine, column, smiles), model.path)]
    parts = _contributions(engine, column, smiles, notes)
    domain = domain_of(model, reference, reference_name)
    if domain is None or domain.source is None:
        notes.append(
            f"what {model.path} was trained on is not known, and so not how near the hits lie to it; `reference` takes"
            " its training molecules"
        )
    beliefs = [None] * len(smiles) if domain is None else domain.beliefs(smiles, model.network.columns[column].name)
    judged = zip(hits.hits, beliefs, parts, strict=True)
    return replace(
        hits,
        hits=tuple(replace(hit, belief=belief, contributions=part) for hit, belief, part in judged),
        model=str(model.path),
        reference=None if domain is None else domain.source,
        notes=(*hits.notes, *notes),
    )


def with_other(hits: Hits, considered: Sequence[Hit], other: Loaded, model: Loaded | None = None) -> Hits:
    """The list with the rank of every molecule under another model, and those of the considered that moved most.

    These come with what their atoms add to the other score, and to that of the ``model`` of the list. Both ranks are
    among the ``considered`` molecules that the other model gives a score, not among all rows.
    """
    column = column_of(other, hits.task, "against")
    engine = Engine(other.network)
    scores = scores_of(engine, column, [hit.smiles for hit in considered])
    known = np.flatnonzero(np.isfinite(scores))
    ranks = np.zeros(len(considered), np.int64)
    order = np.argsort(-scores[known] if hits.descending else scores[known], kind="stable")
    ranks[known[order]] = np.arange(1, len(known) + 1)
    moved = {
        considered[i].row: Moved(float(scores[i]), int(ranks[i]), from_rank, len(known))
        for from_rank, i in enumerate(known.tolist(), 1)
    }
    listed = tuple(replace(hit, moved=moved.get(hit.row)) for hit in hits.hits)
    known_hits = [replace(considered[i], moved=moved[considered[i].row]) for i in known.tolist()]
    notes = [*_renamed(other, column, hits.task), *_unscored_note(len(considered) - len(known), other)]
    farthest = [hit for hit in sorted(known_hits, key=_distance, reverse=True)[:N_MOVED] if _distance(hit)]
    return replace(
        hits,
        hits=listed,
        against=str(other.path),
        most_moved=_in_parts(farthest, hits.task, engine, column, model),
        notes=(*hits.notes, *(note for note in notes if note not in hits.notes)),
    )


def _in_parts(hits: Sequence[Hit], task: str, other: Engine, column: int, model: Loaded | None) -> tuple[Hit, ...]:
    """The moved molecules with what their atoms add to both scores, where the models tell."""
    smiles = [hit.smiles for hit in hits]
    theirs = _contributions(other, column, smiles, [])
    ours: Sequence[Contributions | None] = [hit.contributions for hit in hits]
    if model is not None:
        ours = _contributions(Engine(model.network), column_of(model, task), smiles, [])
    return tuple(
        replace(hit, contributions=mine, moved=replace(hit.moved, contributions=its))
        for hit, mine, its in zip(hits, ours, theirs, strict=True)
        if hit.moved
    )


def column_of(model: Loaded, task: str, parameter: str = "model") -> int:
    """Where the column that ranks stands among the model's; a model with one prediction is taken at its word.

    ``task`` is a name of the model, or what a screen calls its column. Raises InputError, which lists what there is,
    where none bears it.
    """
    columns = model.network.columns
    names = [column.name for column in columns]
    for called in (task_columns(names), names):
        if task in called:
            return called.index(task)
    predictions = ranked(columns)
    if len(predictions) == 1:
        return predictions[0]
    known = ", ".join(repr(names[place]) for place in predictions)
    raise InputError(f"`{parameter}` {model.path} has no score {task!r}; those it has are {known}: rename the column")


def scores_of(engine: Engine, column: int, smiles: Sequence[str]) -> NDArray[np.float64]:
    """[n] of a column, NaN where the model gives no number."""
    found = featurize(smiles, recipe=engine.recipe)
    scores = np.full(len(smiles), np.nan)
    if len(found.index):
        scores[found.index] = engine.scores(found.graphs)[:, column]
    scores[~np.isfinite(scores)] = np.nan
    return scores


def _contributions(
    engine: Engine, column: int, smiles: Sequence[str], notes: list[str]
) -> Sequence[Contributions | None]:
    """[n] what the atoms of each molecule add to the column; a note where this model does not tell."""
    try:
        return contributions_of(engine, smiles, engine.columns[column].name).found
    except UnsupportedError as error:
        notes.append(f"which atoms make the score is not told: {error}")
        return [None] * len(smiles)


def agreement(hits: Sequence[Hit], scores: NDArray[np.float64], name: object) -> list[str]:
    """Notes where the scores of the file are not those [n] of the model."""
    of_file = np.array([hit.score for hit in hits])
    apart = np.abs(of_file - scores)
    n_unknown = int(np.isnan(apart).sum())
    notes = (
        [f"{name} gives {n_unknown:,} of the {len(hits):,} hits no score, though the file does"] if n_unknown else []
    )
    if n_unknown == len(hits):
        return notes
    spread = float(np.ptp(of_file)) or float(np.abs(of_file).max()) or 1.0
    largest = float(np.nanmax(apart))
    if largest <= max(SAME * spread, SAME * float(np.abs(of_file).max())):
        return notes
    worst = hits[int(np.nanargmax(apart))]
    example = f"rank {worst.rank:,}: {worst.score:.6g} in the file, {scores[hits.index(worst)]:.6g} by the model"
    if largest <= ROUNDED * spread:
        return [*notes, f"the scores of the file are near those of {name}, rounded or by another precision ({example})"]
    n_apart = int((apart > ROUNDED * spread).sum())
    return [
        *notes,
        f"{name} is not the model of these scores: it gives {n_apart:,} of the {len(hits):,} hits another ({example}). "
        "What is said of belief and atoms is said of that model; the scores shown are the file's",
    ]


def _renamed(model: Loaded, column: int, task: str) -> list[str]:
    names = [column.name for column in model.network.columns]
    if task in (names[column], task_columns(names)[column]):
        return []
    return [f"{model.path} has no score {task!r}; its only prediction, {names[column]!r}, is taken for it"]


def _distance(hit: Hit) -> int:
    return abs(hit.moved.rank - hit.moved.from_rank) if hit.moved else 0


def _unscored_note(n: int, other: Loaded) -> list[str]:
    return [f"{other.path} gives {n:,} of the considered molecules no score; they have no rank by it"] if n else []
