"""The best products of a whole space: every one scored by its terms, the best again by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from molq.errors import InputError, UnsupportedError
from molq.progress import SILENT, Progress
from molq.results.space import DiverseBy, SpaceHit, SpaceScreen, SpaceSynthon
from molq.spaces.choosing.differences import Differences
from molq.spaces.choosing.diverse import DiverseProducts
from molq.spaces.choosing.quota import Quota
from molq.spaces.choosing.ranked import ChosenProducts, ranked
from molq.spaces.choosing.scored import EngineScores
from molq.spaces.properties.windows import windows as windows_of
from molq.spaces.rescore import Rescorer
from molq.spaces.scanning.best import MAX_POSITIONS
from molq.spaces.scanning.checkpoint import StateFile
from molq.spaces.scanning.job import ScanJob, ScanModel
from molq.spaces.scanning.processes import Pool
from molq.spaces.scanning.sweep import Sweep, Swept
from molq.spaces.seen import SeenSpace
from molq.spaces.space import Reaction, Space
from molq.spaces.synthon_table import synthon_text

_KEPT = 20_000
"""combinations of pieces kept by the pass"""
_KEPT_PER_HIT = 16
_KEPT_PER_SPELLING = 4
"""of a product asked for, where these are more, up to _MOST_KEPT in all; beyond it fewer products may come out"""
_MOST_KEPT = 1_000_000
_KEPT_DIVERSE = 200_000
"""at least, where most of the best share something and are left out"""


@dataclass(frozen=True)
class Screening:
    """What to look for in a space, and how."""

    top: int = 1000
    task: str | None = None
    lowest: bool = False
    reactions: tuple[str, ...] | None = None
    threshold: float | None = None
    sample_check: int = 10_000
    seed: int = 0
    workers: int | None = None
    where: str | None = None
    score: str | None = None
    diverse_by: DiverseBy | None = None
    at_most: int = 1


def screen_space(
    space: Space,
    model: bytes,
    name: str,
    asked: Screening,
    progress: Progress = SILENT,
    *,
    output: Path | None = None,
    resume: bool = False,
) -> SpaceScreen:
    """The best products by a model, given as the bytes of its file.

    With ``output`` the state of the pass is kept beside it, to be resumed. Raises UnsupportedError for a model that is
    no sum over atoms and a score that is no sum of columns, InputError for an unknown reaction, task or score, and
    where there is nothing to resume.
    """
    by = ScanModel(model, asked.task, asked.lowest, asked.score)
    ranker = by.ranker(name)
    windows = None if asked.where is None else windows_of(asked.where)
    reactions = _chosen(space, asked.reactions)
    with Pool(by, asked.workers, sum(reaction.n_products for reaction in reactions)) as pool:
        seen = SeenSpace(reactions, ranker, windows, asked.seed, progress)
        differences = Differences(seen)
        differences.random_products(asked.sample_check, progress)
        scoring = EngineScores(seen, differences, asked.threshold)
        checkpoint = None if output is None else StateFile(output, _bound_to(space, model, asked))
        passes = _Passes(seen, asked, pool, progress)
        swept = passes.swept(seen.rescorers, checkpoint, resume=resume)
        if asked.diverse_by is None:
            chosen = ranked(scoring, seen.rescorers, swept.found, swept.cut_off, asked.top, progress)
        else:
            chosen = _diverse(passes, seen, swept, scoring, asked, progress)
    ranked_by = ranker.by
    columns = tuple(column.name for column in ranker.network.columns)
    return SpaceScreen(
        space.source,
        name,
        columns if ranked_by.is_column else (*columns, ranked_by.name),
        ranked_by.name,
        asked.lowest,
        tuple(_hits(chosen, is_expression=not ranked_by.is_column)),
        seen.n_products,
        dict(seen.refused.most_common()),
        swept.n_combinations,
        scoring.n,
        differences.exactness(chosen.room),
        passes.seconds,
        pool.n,
        () if windows is None else tuple(map(str, windows.conditions)),
        passes.n_scored,
        asked.threshold,
        chosen.is_short,
        None if ranked_by.is_column else ranked_by.name,
        asked.diverse_by,
        asked.at_most,
        chosen.are_all,
        passes.n,
    )


def _bound_to(space: Space, model: bytes, asked: Screening) -> list[bytes]:
    """What the state of a pass depends on."""
    settings = (asked.top, asked.task, asked.lowest, asked.reactions, asked.seed, asked.where, asked.score)
    diverse = (asked.diverse_by, asked.at_most)
    return [version("molq").encode(), synthon_text(space).encode(), model, repr((settings, diverse)).encode()]


class _Passes:
    """Passes over the sheets of a space, and what they took."""

    def __init__(self, seen: SeenSpace, asked: Screening, pool: Pool, progress: Progress) -> None:
        self._seen, self._asked, self._pool, self._progress = seen, asked, pool, progress
        of_spellings = min(_MOST_KEPT, _KEPT_PER_SPELLING * seen.n_spellings * asked.top)
        of_diverse = 0 if asked.diverse_by is None else _KEPT_DIVERSE
        self._keep = max(_KEPT, _KEPT_PER_HIT * asked.top, of_spellings, of_diverse)
        self.n = self.n_scored = 0
        self.seconds = 0.0

    def swept(
        self, rescorers: Sequence[Rescorer], checkpoint: StateFile | None = None, *, resume: bool = False
    ) -> Swept:
        """One over these sheets."""
        asked = self._asked
        sheets = tuple(rescorer.sheet for rescorer in rescorers)
        job = ScanJob(sheets, (), self._keep)
        top = asked.top if asked.diverse_by is None else None
        found = Sweep(self._seen.ranker, job, self._pool, top).run(checkpoint, resume=resume, progress=self._progress)
        self.n += 1
        self.n_scored += found.n_scored
        self.seconds += found.seconds
        return found


def _diverse(
    passes: _Passes, seen: SeenSpace, swept: Swept, scoring: EngineScores, asked: Screening, progress: Progress
) -> ChosenProducts:
    assert asked.diverse_by is not None
    diverse = DiverseProducts(scoring, Quota(asked.diverse_by, asked.at_most), asked.top, progress)
    left = diverse.take(seen.rescorers, swept.found, swept.cut_off)
    while left:
        found = passes.swept(left)
        left = diverse.take(left, found.found, found.cut_off)
    return diverse.chosen


def _hits(chosen: ChosenProducts, *, is_expression: bool) -> Iterator[SpaceHit]:
    for rank, one in enumerate(chosen.products, 1):
        synthons = [own[at] for own, at in zip(one.reaction.positions, one.synthons, strict=True)]
        yield SpaceHit(
            rank,
            one.smiles,
            ";".join((*(synthon.id for synthon in synthons), one.reaction.id)),
            (*one.scores, one.value) if is_expression else one.scores,
            one.reaction.id,
            tuple(SpaceSynthon(synthon.id, synthon.smiles) for synthon in synthons),
        )


def _chosen(space: Space, names: Sequence[str] | None) -> list[Reaction]:
    known = {reaction.id: reaction for reaction in space.reactions}
    asked = list(known) if names is None else list(dict.fromkeys(names))
    if missing := [name for name in asked if name not in known]:
        raise InputError(f"{space.source} has no reaction {missing[0]!r}; it has {', '.join(list(known)[:20])}")
    for reaction in map(known.__getitem__, asked):
        if len(reaction.positions) > MAX_POSITIONS:
            raise UnsupportedError(
                f"reaction {reaction.id} has {len(reaction.positions)} positions, and {MAX_POSITIONS} are the most that"
                " are screened"
            )
    return [known[name] for name in asked]
