"""What is written of every hit, as columns with names."""

from __future__ import annotations

from typing import NamedTuple

from molq.results.hits import Belief, Hit, Hits

Cell = str | float | int | None
OWN = ("rank", "smiles", "id")
_NO_HIT = Hit(0, 0, "", None, 0.0, {})


class HitColumn(NamedTuple):
    """A column of a table of hits; a cell is None where a hit has no such value."""

    name: str
    cells: tuple[Cell, ...]
    is_score: bool = False
    """whether the input had it as a column of numbers"""

    @property
    def is_empty(self) -> bool:
        return all(cell in (None, "") for cell in self.cells)


def hit_columns(hits: Hits) -> list[HitColumn]:
    """Rank, SMILES, id, the score that ranks, other scores, and all else that is known of any hit.

    Columns of the input whose name is taken by one of molq's are called input_NAME.
    """
    own = _own_columns(hits)
    scores = [hits.task, *(name for name in hits.columns if name != hits.task)]
    given = [*scores, *hits.other_columns]
    names = dict(zip(given, _free(given, [column.name for column in own]), strict=True))
    numbers = [HitColumn(names[name], tuple(hit.scores.get(name) for hit in hits.hits), True) for name in scores]
    others = [HitColumn(names[name], tuple(hit.others.get(name) for hit in hits.hits)) for name in hits.other_columns]
    known = [column for column in own[len(OWN) :] if not column.is_empty]
    return [own[0], own[1], *(column for column in own[2:3] if not column.is_empty), *numbers, *known, *others]


def _own_columns(hits: Hits) -> list[HitColumn]:
    properties = list(dict.fromkeys(name for hit in hits.hits for name in hit.properties))
    rows = [_own_cells(hit) | {name: hit.properties.get(name) for name in properties} for hit in hits.hits]
    names = [*_own_cells(_NO_HIT), *properties]
    return [HitColumn(name, tuple(row[name] for row in rows)) for name in names]


def _own_cells(hit: Hit) -> dict[str, Cell]:
    belief, moved = hit.belief or Belief(), hit.moved
    return {
        "rank": hit.rank,
        "smiles": hit.smiles,
        "id": hit.identifier,
        "row": hit.row,
        "cluster": hit.cluster,
        "cluster_size": hit.cluster_size,
        "alerts": "; ".join(hit.alerts),
        "verdict": belief.verdict,
        "similarity": belief.similarity,
        "nearest": belief.nearest,
        "unseen_environments": belief.unseen_environments,
        "member_spread": belief.spread,
        "other_score": moved.score if moved else None,
        "other_rank": moved.rank if moved else None,
        "rank_among_considered": moved.from_rank if moved else None,
    }


def _free(names: list[str], taken: list[str]) -> list[str]:
    used = {*names, *taken}
    found = []
    for name in names:
        if name in taken:
            while name in used:
                name = f"input_{name}"
            used.add(name)
        found.append(name)
    return found
