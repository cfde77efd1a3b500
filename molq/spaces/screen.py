"""The best products of a whole space: every one scored by its terms, the best again by the engine."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import ceil, inf, isnan
from pathlib import Path

import numpy as np

from molq.chem.properties import property_profile
from molq.errors import InputError, UnsupportedError
from molq.progress import SILENT, Progress
from molq.results.space import Exactness, SpaceHit, SpaceScreen, SpaceSynthon
from molq.spaces.best import MAX_POSITIONS, Found
from molq.spaces.checkpoint import StateFile
from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescored, Rescorer
from molq.spaces.sheets import Products, Sheet, perceive
from molq.spaces.space import Reaction, Space
from molq.spaces.sweep import Sweep
from molq.spaces.synthon_table import synthon_text
from molq.spaces.windowed import windowed
from molq.spaces.windows import Windows, meeting
from molq.spaces.windows import windows as windows_of
from molq.store.molqfile import decode

_KEPT = 20_000
"""combinations of pieces kept by the pass"""
_KEPT_PER_HIT = 16
_KEPT_PER_SPELLING = 4
"""of a product asked for, where these are more, up to _MOST_KEPT in all; beyond it fewer products may come out"""
_MOST_KEPT = 1_000_000
_RESCORED = 256
"""products that the engine scores at once"""
_SAFETY = 2.0
"""the best are rescored until a missing product's difference had to be so many times the largest that was seen"""


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
    no sum over atoms, InputError for an unknown reaction or task, and where there is nothing to resume.
    """
    ranker = Ranker(decode(model, name).network, asked.task, lowest=asked.lowest)
    windows = None if asked.where is None else windows_of(asked.where)
    seen = _Seen(_chosen(space, asked.reactions), ranker, windows, asked.seed, progress)
    check = _Check(seen)
    check.random_products(asked.sample_check, progress)
    of_spellings = min(_MOST_KEPT, _KEPT_PER_SPELLING * seen.n_spellings * asked.top)
    keep = max(_KEPT, _KEPT_PER_HIT * asked.top, of_spellings)
    sweep = Sweep(ranker, seen.sheets, (model, asked.task, asked.lowest), keep, asked.workers)
    checkpoint = None if output is None else StateFile(output, _bound_to(space, model, asked))
    swept = sweep.run(checkpoint, resume=resume, progress=progress)
    ranked = _Ranked(seen, swept.found, swept.cut_off, check, asked, progress)
    return SpaceScreen(
        space.source,
        name,
        tuple(column.name for column in ranker.network.columns),
        ranker.column.name,
        asked.lowest,
        ranked.hits,
        seen.n_products,
        dict(seen.refused.most_common()),
        swept.n_combinations,
        ranked.n_rescored,
        Exactness(ranker.in_logits, ranked.room, check.largest, check.spread, check.n_checked, check.n_differing),
        swept.seconds,
        swept.workers,
        () if windows is None else tuple(map(str, windows.conditions)),
        swept.n_scored,
        asked.threshold,
        ranked.is_short,
    )


def _bound_to(space: Space, model: bytes, asked: Screening) -> list[bytes]:
    """What the state of a pass depends on."""
    settings = (asked.top, asked.task, asked.lowest, asked.reactions, asked.seed, asked.where)
    return [version("molq").encode(), synthon_text(space).encode(), model, repr(settings).encode()]


class _Seen:
    """The reactions of a space, perceived."""

    def __init__(
        self, reactions: Sequence[Reaction], ranker: Ranker, windows: Windows | None, seed: int, progress: Progress
    ) -> None:
        self.ranker, self.windows, self.seed = ranker, windows, seed
        self.refused: Counter[str] = Counter()
        sheets: list[Sheet] = []
        self.rescorers: list[Rescorer] = []
        self.n_products = 0
        for reaction in reactions:
            found = perceive(reaction, ranker.network.recipe, seed, progress)
            products = Products(reaction, ranker.network.recipe)
            self.refused.update(found.refused)
            whole = [sheet for sheet in found.sheets if sheet.n_products]
            self.n_products += sum(sheet.n_products for sheet in whole)
            for sheet in whole if windows is None else windowed(whole, windows, seed, progress):
                if sheet.n_products:
                    sheets.append(sheet)
                    self.rescorers.append(Rescorer(products, sheet, ranker))
        if not sheets and not self.n_products:
            why = f", most often for: {self.refused.most_common(1)[0][0]}" if self.refused else ""
            raise InputError(f"RDKit refuses every product of the space{why}")
        self.sheets = tuple(sheets)
        n_wanted = sum(sheet.n_products for sheet in sheets)
        n_spelled = sum(sheet.n_spellings for sheet in sheets)
        self.n_spellings = ceil(n_spelled / max(1, n_wanted))
        """of a product, on average"""


class _Check:
    """Differences between terms and engine, as far as they were seen."""

    def __init__(self, seen: _Seen) -> None:
        self._seen = seen
        self.largest = self.spread = 0.0
        self.n_checked = self.n_differing = 0

    def random_products(self, n: int, progress: Progress) -> None:
        """Scores random products both ways, as many of each reaction, those of its sheets by their size."""
        progress.stage("check")
        chance = random.Random(self._seen.seed)
        heights: list[float] = []
        shares = _shares(self._seen.sheets, n)
        for at, share in enumerate(shares):
            sheet, rescorer = self._seen.sheets[at], self._seen.rescorers[at]
            for start in range(0, share, _RESCORED):
                choices = [tuple(map(chance.choice, sheet.synthons)) for _ in range(min(_RESCORED, share - start))]
                found = rescorer.rescore(choices)
                self.compare(rescorer.added_up(found.pieces).tolist(), found)
                self.n_checked += len(found.smiles)
                heights += found.executed.heights.tolist()
                progress.step(self.n_checked, sum(shares))
            rescorer.forget()
        self.spread = float(np.std(heights)) if heights else 0.0

    def compare(self, added_up: Sequence[float | None], found: Rescored) -> None:
        """Takes note of products that look otherwise, and of the largest difference where something was added up."""
        self.n_differing += int((~found.is_known).sum()) + len(found.refused)
        for height, executed in zip(added_up, found.executed.heights.tolist(), strict=True):
            if height is not None:
                difference = abs(height - executed)
                self.largest = max(self.largest, inf if isnan(difference) else difference)


class _Ranked:
    """The best of the kept products by the engine: as many are rescored as it takes to be sure."""

    def __init__(
        self, seen: _Seen, kept: Found, cut_off: float, check: _Check, asked: Screening, progress: Progress
    ) -> None:
        self._seen, self._check = seen, check
        self._asked = asked
        rows: list[tuple[float, int, tuple[int, ...], str, tuple[float, ...]]] = []
        known: set[tuple[int, ...]] = set()
        self.n_rescored = 0
        self.room: float | None = 0.0
        progress.stage("rescore")
        at, n = 0, len(kept.heights)
        while at < n:
            upto = at + self._batch(at, n)
            rows += self._rescored(kept.rows(np.arange(at, upto)), known)
            at = upto
            next_height = float(kept.heights[at]) if at < n else cut_off
            progress.step(at, n)
            if len(rows) >= asked.top:
                rows.sort(key=lambda row: (-row[0], row[1], row[2]))
                self.room = rows[asked.top - 1][0] - next_height
                if self.room > _SAFETY * check.largest:
                    break
        if not np.isfinite(cut_off) and at >= n:
            self.room = None
        rows.sort(key=lambda row: (-row[0], row[1], row[2]))
        self.hits = tuple(self._hits(rows))
        self.is_short = bool(np.isfinite(cut_off)) and len(self.hits) == len(rows) < asked.top
        """whether combinations were let go that could be more of the products asked for"""

    def _batch(self, at: int, n: int) -> int:
        return min(n - at, max(_RESCORED, self._asked.top if at == 0 else at // 4))

    def _rescored(
        self, kept: Found, known: set[tuple[int, ...]]
    ) -> Iterator[tuple[float, int, tuple[int, ...], str, tuple[float, ...]]]:
        """Height, sheet, synthons, SMILES and scores of the products that are new."""
        for sheet_at in np.unique(kept.sheets).tolist():
            own = kept.rows(np.flatnonzero(kept.sheets == sheet_at))
            sheet, rescorer = self._seen.sheets[sheet_at], self._seen.rescorers[sheet_at]
            heights: dict[tuple[int, ...], float] = {}
            wanted: dict[tuple[int, ...], float] = {}
            for height, row in zip(own.heights.tolist(), own.pieces.tolist(), strict=True):
                pieces = tuple(row[: len(sheet.pieces)])
                heights[pieces] = height
                choice = tuple(sheet.pieces[p][piece].synthon for p, piece in enumerate(pieces))
                if (sheet_at, *choice) not in known:
                    known.add((sheet_at, *choice))
                    wanted[choice] = height
            choices = list(wanted)
            for start in range(0, len(choices), _RESCORED):
                found = rescorer.rescore(choices[start : start + _RESCORED])
                self.n_rescored += len(found.smiles)
                self._check.compare(list(_added_up(heights, wanted, found)), found)
                for i in self._wanted(found.smiles):
                    smiles = found.smiles[i]
                    scores = tuple(found.executed.scores[i].tolist())
                    yield float(found.executed.heights[i]), sheet_at, tuple(found.choices[i].tolist()), smiles, scores

    def _wanted(self, smiles: Sequence[str]) -> list[int]:
        """Which of the products meet every condition, as RDKit says of the molecule."""
        windows = self._seen.windows
        if windows is None:
            return list(range(len(smiles)))
        profiles = property_profile(smiles, windows.names).tolist()
        properties = [dict(zip(windows.names, profile, strict=True)) for profile in profiles]
        return [i for i, found in enumerate(properties) if meeting(windows.conditions, found)]

    def _hits(self, rows: Sequence[tuple[float, int, tuple[int, ...], str, tuple[float, ...]]]) -> Iterator[SpaceHit]:
        place = self._seen.ranker.network.columns.index(self._seen.ranker.column)
        for rank, (_, sheet_at, choice, smiles, scores) in enumerate(rows[: self._asked.top], 1):
            bar = self._asked.threshold
            if bar is not None and (scores[place] > bar if self._asked.lowest else scores[place] < bar):
                return
            reaction = self._seen.sheets[sheet_at].reaction
            synthons = [reaction.positions[p][at] for p, at in enumerate(choice)]
            yield SpaceHit(
                rank,
                smiles,
                ";".join((*(synthon.id for synthon in synthons), reaction.id)),
                scores,
                reaction.id,
                tuple(SpaceSynthon(synthon.id, synthon.smiles) for synthon in synthons),
            )


def _added_up(
    heights: dict[tuple[int, ...], float], highest: dict[tuple[int, ...], float], found: Rescored
) -> Iterator[float | None]:
    """What the pass made of each product's own spelling, if that was kept; of one that looks otherwise, its highest."""
    rows = zip(found.pieces.tolist(), found.choices.tolist(), found.is_known.tolist(), strict=True)
    for pieces, choice, is_known in rows:
        yield heights.get(tuple(pieces)) if is_known else highest[tuple(choice)]


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


def _shares(sheets: Sequence[Sheet], n: int) -> list[int]:
    """How many random products of each sheet: as many of each reaction."""
    reactions = dict.fromkeys(sheet.reaction.id for sheet in sheets)
    size = {name: sum(s.n_products for s in sheets if s.reaction.id == name) for name in reactions}
    each = n / max(1, len(reactions))
    return [ceil(each * sheet.n_products / size[sheet.reaction.id]) if n else 0 for sheet in sheets]
