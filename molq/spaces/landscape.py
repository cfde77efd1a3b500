"""What the best products are made of, held against products drawn at random."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.results.space import PositionMap, ReactionLandscape, SpaceHit, SpaceLandscape, SpaceScreen, SynthonShare
from molq.spaces.products import spelled
from molq.spaces.space import Combination, Reaction, Space, Synthon

N_REACTIONS = 3
N_SYNTHONS = 10
"""shown of each position"""
N_DRAWN = 60
"""random products of each synthon"""
_N_OF_ALL = 500
_N_PER_CELL = 6
"""random products of each pair, where the reaction has other positions"""

Scored = Callable[[Sequence[str]], NDArray[np.float64]]
"""scores [n] of SMILES, NaN for what has none"""


def landscape(
    space: Space, screen: SpaceScreen, scored: Scored, seed: int = 0, progress: Progress = SILENT
) -> SpaceLandscape:
    """The synthons of the best products, and scores of random products that hold them.

    ``scored`` gives the scores by which the products of the list are ranked. Raises InputError where the screen is of
    another space.
    """
    counts = Counter(hit.reaction for hit in screen.hits)
    chance = random.Random(seed)
    reactions = {reaction.id: reaction for reaction in space.reactions}
    found = []
    progress.stage("look at synthons")
    chosen = [name for name, _ in counts.most_common(N_REACTIONS)]
    for name in chosen:
        if name not in reactions or not _holds(reactions[name], _of(screen, name)):
            raise InputError(f"{space.source} has no such reaction {name!r}; the screen is of {screen.source}")
    for done, name in enumerate(chosen, 1):
        found.append(_Drawn(reactions[name], scored, chance).landscape(_of(screen, name)))
        progress.step(done, len(chosen))
    return SpaceLandscape(screen, tuple(found), N_DRAWN, seed)


def _holds(reaction: Reaction, hits: Sequence[SpaceHit]) -> bool:
    """Whether the synthons of the products stand in the positions of the reaction."""
    known = [{synthon.smiles for synthon in own} for own in reaction.positions]
    made_of = [[synthon.smiles for synthon in hit.synthons] for hit in hits]
    return all(len(own) == len(known) and all(map(set.__contains__, known, own)) for own in made_of)


def _of(screen: SpaceScreen, reaction: str) -> list[SpaceHit]:
    return [hit for hit in screen.hits if hit.reaction == reaction]


class _Drawn:
    """Random products of a reaction."""

    def __init__(self, reaction: Reaction, scored: Scored, chance: random.Random) -> None:
        self._reaction, self._scored, self._chance = reaction, scored, chance

    def landscape(self, hits: Sequence[SpaceHit]) -> ReactionLandscape:
        """Of the best products of the reaction, best first."""
        positions = range(len(self._reaction.positions))
        counts = [Counter(_synthon(hit, p) for hit in hits) for p in positions]
        first = [{_synthon(hit, p): hit.rank for hit in reversed(hits)} for p in positions]
        shown = [[synthon for synthon, _ in own.most_common(N_SYNTHONS)] for own in counts]
        alone = [{p: one} for p in positions for one in shown[p]]
        pairs = [[{p: a, q: b} for a in shown[p] for b in shown[q]] for p, q in itertools.combinations(positions, 2)]
        asked = [({}, _N_OF_ALL), *((held, N_DRAWN) for held in alone)]
        asked += [(held, _N_PER_CELL) for own in pairs for held in own]
        means = iter(self._means(asked))
        mean = next(means)
        synthons = tuple(
            tuple(SynthonShare(one.id, one.smiles, counts[p][one], first[p][one], next(means)) for one in shown[p])
            for p in positions
        )
        maps = tuple(
            PositionMap((p, q), tuple(tuple(next(means) for _ in shown[q]) for _ in shown[p]))
            for p, q in itertools.combinations(positions, 2)
        )
        others = tuple(len(all_of) - len(own) for all_of, own in zip(counts, shown, strict=True))
        return ReactionLandscape(self._reaction.id, len(hits), mean, synthons, others, maps)

    def _means(self, asked: Sequence[tuple[dict[int, Synthon], int]]) -> list[float | None]:
        """Score of so many random products that hold these synthons, or of all of them where there are no more."""
        smiles = [list(self._smiles(held, n)) for held, n in asked]
        scores = self._scored([one for own in smiles for one in own])
        found = np.split(scores, np.cumsum([len(own) for own in smiles])[:-1])
        known = [own[np.isfinite(own)] for own in found]
        return [float(own.mean()) if len(own) else None for own in known]

    def _smiles(self, held: dict[int, Synthon], n: int) -> Iterator[str]:
        choices = [(held[p],) if p in held else own for p, own in enumerate(self._reaction.positions)]
        if prod(map(len, choices)) <= n:
            drawn: Iterable[tuple[Synthon, ...]] = itertools.product(*choices)
        else:
            drawn = (tuple(map(self._chance.choice, choices)) for _ in range(n))
        for one in spelled(Combination(self._reaction.id, chosen) for chosen in drawn):
            if one.smiles is not None:
                yield one.smiles


def _synthon(hit: SpaceHit, position: int) -> Synthon:
    found = hit.synthons[position]
    return Synthon(found.smiles, found.id)
