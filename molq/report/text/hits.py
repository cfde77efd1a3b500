"""Hits for a terminal: how many and how chosen, the first of them, what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from molq.report.numbers import ABSENT, decimal, score_text
from molq.report.table import WIDTH, Table
from molq.report.text.prose import wrapped
from molq.results.hits import Hit, Hits

_N_SHOWN = 12
_N_REASONS = 6
_LONGEST_ID = 18
_LEAST_SMILES = 20
_N_MOVED = 5
_LONGEST_MOVED = 30


def hits_text(hits: Hits) -> str:
    """The answer, a table of the first hits, then counts and notes."""
    parts = [wrapped(answer(hits))]
    if hits.hits:
        parts.append(first_table(hits).to_text())
    parts.append("\n".join(_lines(hits)))
    if hits.most_moved:
        parts.append("\n".join((wrapped(moved_answer(hits)), "", moved_table(hits).to_text())))
    elif hits.against:
        parts.append(wrapped(moved_answer(hits)))
    parts.append("\n".join(wrapped(f"note: {note}") for note in hits.notes))
    return "\n\n".join(part for part in parts if part)


def answer(hits: Hits) -> str:
    """``100 hits, chosen from the best 500 of 10,000 scores by Class, best 0.9998 ...``: a sentence or two."""
    n = len(hits.hits)
    best = "largest" if hits.descending else "smallest"
    of = f"the best {hits.considered:,} of {hits.rows:,} molecules by {hits.task} ({best} first)"
    if not n:
        return f"No hits: nothing is left of {of}."
    scores = f"scores {score_text(hits.hits[0].score)} to {score_text(hits.hits[-1].score)}"
    listed = "1 hit" if n == 1 else f"{n:,} hits"
    if hits.choice == "top":
        return f"{listed}{':' if n == hits.considered else ' of'} {of}; {scores}."
    return f"{listed}, {how_chosen(hits)}, from {of}; {scores}. {cost(hits)}"


def how_chosen(hits: Hits) -> str:
    """``the best of each cluster``, or how else."""
    if hits.choice == "cluster":
        return "the best of each group of similar molecules"
    return "chosen to be unlike each other" if hits.choice == "maxmin" else "the best scores"


def cost(hits: Hits) -> str:
    """What a diverse choice costs in rank: ``Their median rank is 180; the plain top 100 would be ranks 1 to 100.``"""
    n = len(hits.hits)
    return f"Their median rank is {median_rank(hits)}; the plain top {n:,} would have {_rank((n + 1) / 2)}."


def median_rank(hits: Hits) -> str:
    """``26.5``."""
    return _rank(median(hit.rank for hit in hits.hits))


def first_table(hits: Hits) -> Table:
    """The first hits, as much of each as 80 columns hold."""
    shown = hits.hits[:_N_SHOWN]
    columns = {"rank": [f"{hit.rank:,}" for hit in shown]}
    if any(hit.identifier for hit in shown):
        columns["id"] = [_cut(hit.identifier or ABSENT, _LONGEST_ID) for hit in shown]
    columns["score"] = [score_text(hit.score) for hit in shown]
    if hits.choice == "cluster":
        columns["like it"] = [f"{(hit.cluster_size or 1) - 1:,}" for hit in shown]
    if any(hit.belief and hit.belief.similarity is not None for hit in shown):
        columns["similarity"] = [decimal(hit.belief.similarity, 2) if hit.belief else ABSENT for hit in shown]
    if any(hit.belief and hit.belief.verdict for hit in shown):
        columns["model"] = [(hit.belief.verdict if hit.belief else None) or ABSENT for hit in shown]
    if hits.filters:
        columns["alerts"] = [str(len(hit.alerts)) if hit.alerts else ABSENT for hit in shown]
    taken = sum(max(map(len, [name, *cells])) + 2 for name, cells in columns.items())
    room = max(WIDTH - taken, _LEAST_SMILES)
    columns["SMILES"] = [_cut(hit.smiles, room) for hit in shown]
    left = tuple(i for i, name in enumerate(columns) if name in ("id", "model", "SMILES"))
    return Table(tuple(columns), tuple(zip(*columns.values(), strict=True)), left)


def belief_answer(hits: Hits) -> str | None:
    """How many of the hits are like what the model was trained on; None where nobody knows."""
    verdicts = [hit.belief.verdict for hit in hits.hits if hit.belief and hit.belief.verdict]
    if verdicts:
        inside, edge, outside = (verdicts.count(verdict) for verdict in ("inside", "edge", "outside"))
        n_unknown = len(hits.hits) - len(verdicts)
        unknown = f"; of {n_unknown:,} it is not known" if n_unknown else ""
        return (
            f"{inside:,} of the {len(hits.hits):,} hits are inside of what the model was trained on, {edge:,} at its"
            f" edge and {outside:,} outside, where scores are wrong more often{unknown} ({hits.reference}; similarity"
            " is Tanimoto's to the nearest of these)"
        )
    near = [hit.belief.similarity for hit in hits.hits if hit.belief and hit.belief.similarity is not None]
    if near:
        return f"median similarity to the nearest molecule of {hits.reference}: {median(near):.2f} (Tanimoto)"
    return None


def moved_answer(hits: Hits) -> str:
    """How far ranks differ by the other model."""
    if not hits.most_moved:
        return f"By {hits.against} no molecule has another rank among those of the best {hits.considered:,} rows."
    farthest = hits.most_moved[0].moved
    assert farthest is not None
    return (
        f"By {hits.against}, among the {farthest.among:,} molecules of the best {hits.considered:,} rows (not of the"
        f" whole file), the farthest moved from rank {farthest.from_rank:,} to {farthest.rank:,}."
    )


def moved_table(hits: Hits) -> Table:
    """The molecules that moved farthest, with both ranks and both scores."""
    rows = []
    for hit in hits.most_moved[:_N_MOVED]:
        assert hit.moved is not None
        scores = (score_text(hit.score), score_text(hit.moved.score))
        ranks = (f"{hit.moved.from_rank:,}", f"{hit.moved.rank:,}")
        rows.append((_cut(hit.smiles, _LONGEST_MOVED), *ranks, *scores))
    return Table(("moved most", "rank", "by the other", "score", "by the other"), tuple(rows))


def _lines(hits: Hits) -> Iterator[str]:
    if len(hits.hits) > _N_SHOWN:
        yield f"and {len(hits.hits) - _N_SHOWN:,} more hits"
    if alerts := _alert_counts(hits.hits):
        n = sum(bool(hit.alerts) for hit in hits.hits)
        most = ", ".join(f"{name} ({count:,})" for name, count in list(alerts.items())[:3])
        yield wrapped(f"{n:,} of the {len(hits.hits):,} hits have alerts, most often {most}")
    elif hits.filters and hits.hits:
        yield f"no hit has an alert of {', '.join(hits.filters)}"
    if belief := belief_answer(hits):
        yield wrapped(belief)
    yield from _counted(hits.left_out, f"of the best {hits.considered:,}, not listed")
    yield from _counted(hits.unscored, "rows without a score")


def _counted(reasons: dict[str, int], what: str) -> Iterator[str]:
    if not reasons:
        return
    yield f"{sum(reasons.values()):,} {what}:"
    ordered = sorted(reasons.items(), key=lambda pair: -pair[1])
    yield from (wrapped(reason, f"  {count:,} ") for reason, count in ordered[:_N_REASONS])
    if len(reasons) > _N_REASONS:
        yield f"  and {len(reasons) - _N_REASONS:,} more reasons"


def _alert_counts(hits: tuple[Hit, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for hit in hits:
        for alert in hit.alerts:
            counts[alert] = counts.get(alert, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def _rank(middle: float) -> str:
    return f"{middle:,.0f}" if middle % 1 == 0 else f"{middle:,.1f}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
