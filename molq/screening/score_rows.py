"""Scores of the rows of a library: the same code for a worker process, for this one, and for a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from molq.chem.extras import with_extras
from molq.chem.featurize import graphs_alone
from molq.chem.featurized import Featurized
from molq.chem.packed import PackedGraphs, slice_graphs, take
from molq.chem.recipe import Recipe
from molq.errors import MolqError
from molq.records.cells import Cells
from molq.screening.blocks import Block, small_blocks
from molq.screening.combined import SideBySide
from molq.screening.rows import Rows
from molq.screening.scored import NO_NUMBER, ScoredRows, Scorer, beside
from molq.screening.stopwatch import Stopwatch
from molq.shortage import in_a_line, is_shortage, shortage

_ORDINARY_CHARACTERS = 10_000


def score_rows(rows: Rows, scorer: Scorer | SideBySide, max_atoms: int) -> ScoredRows:
    """Scores of rows in this process: the same bits that a screen writes, as fast as one of its workers.

    A row that makes the scorer raise is rejected. When several rows do and no row is scored, the last error is raised:
    the fault is not theirs. MolqErrors are always raised; a lack of memory is a ShortageError, when smaller blocks do
    not help.
    """
    try:
        return score_at_once(rows, scorer, max_atoms, {}, Stopwatch())
    except MolqError:
        raise
    except Exception:
        blocks = small_blocks(len(rows.smiles))
    try:
        return score_in_blocks(rows, scorer, max_atoms, {}, Stopwatch(), blocks, is_alone=True)
    except MolqError:
        raise
    except Exception as error:
        if not is_shortage(error):
            raise
        raise shortage(error, "while molecules were scored") from error


Featurize = Callable[[Sequence[str], int, Recipe], Featurized]
"""SMILES, the most atoms of one molecule, and the recipe of the graphs → graphs alone and rejections"""


def score_at_once(
    rows: Rows,
    scorer: Scorer | SideBySide,
    max_atoms: int,
    skipped: dict[int, str],
    watch: Stopwatch,
    by: Featurize = graphs_alone,
) -> ScoredRows:
    """All rows at once but the ``skipped`` ones, which are rejected for the reasons given.

    Scorers that take other graphs read the rows each by itself; a row that one of them rejects is rejected.
    """
    if isinstance(scorer, SideBySide):
        return beside([score_at_once(rows, part, max_atoms, skipped, watch, by) for part in scorer.parts])
    rejected = {**rows.rejected, **skipped}
    with watch("pack"):
        index, graphs = _packed(rows, rejected, max_atoms, scorer.recipe, by)
    if scorer.recipe.molecule_features and rows.graphs is None:
        with watch("features"):
            made = with_extras(graphs, [rows.smiles[row] for row in index.tolist()], scorer.recipe)
        rejected |= {int(index[place]): reason for place, reason in made.failed.items()}
        index, graphs = index[made.kept], made.graphs
    with watch("score"):
        scores = _scores(scorer, graphs)
    return _numbers_alone(ScoredRows(index, scores, rejected, tuple(scorer.columns)))


def score_in_blocks(
    rows: Rows,
    scorer: Scorer | SideBySide,
    max_atoms: int,
    skipped: dict[int, str],
    watch: Stopwatch,
    blocks: Sequence[Block],
    announce: Callable[[Block | None], None] = lambda _block: None,
    by: Featurize = graphs_alone,
    *,
    is_alone: bool = False,
) -> ScoredRows:
    """The same block by block (start, stop), ``announce``-d before each: if one kills the process, it is known which.

    Blocks may come in any order; None is announced after the last. A block that raises is taken row by row, and a row
    that raises is rejected. When every row raises, the last error is raised: the fault is not theirs. Neither is a
    shortage of the machine, which is raised: but where this process ``is_alone`` it goes on row by row, and a row of
    more than 10,000 characters, for which there is not enough memory when all others are done, is rejected for it. No
    molecule of fewer needs more than a machine has that runs molq at all.
    """
    done: list[ScoredRows] = []
    rejected = {**rows.rejected, **skipped}
    failures: list[Exception] = []
    todo = [block for block in blocks if block[0] < block[1]]
    while todo:
        start, stop = todo.pop(0)
        announce((start, stop))
        skipped_here = {row - start: rejected[row] for row in range(start, stop) if row in skipped}
        try:
            block = score_at_once(_block(rows, start, stop), scorer, max_atoms, skipped_here, watch, by)
        except MolqError:
            raise
        except Exception as error:
            short = is_shortage(error)
            if short and not is_alone:
                raise
            if stop - start > 1:
                todo[:0] = [(row, row + 1) for row in range(start, stop)]
                continue
            n_characters = len(rows.smiles[start])
            if not short:
                failures.append(error)
                rejected[start] = f"failed with {in_a_line(error)}"
            elif n_characters <= _ORDINARY_CHARACTERS:
                raise
            elif all(len(rows.smiles[row]) > _ORDINARY_CHARACTERS for block in todo for row in range(*block)):
                rejected[start] = f"{n_characters:,} characters, for which there is not enough memory"
            else:
                todo.append((start, stop))
            continue
        rejected |= {start + row: reason for row, reason in block.rejected.items()}
        done.append(block._replace(kept=block.kept + start))
    announce(None)
    if len(failures) > 1 and not any(len(block.kept) for block in done):
        raise failures[-1]
    if not done:
        return ScoredRows(np.empty(0, np.int64), _no_scores(scorer), rejected, tuple(scorer.columns))
    kept = np.concatenate([block.kept for block in done])
    order = np.argsort(kept)
    scores = np.concatenate([block.scores for block in done])[order]
    return ScoredRows(kept[order], scores, rejected, tuple(scorer.columns))


def _packed(
    rows: Rows, rejected: dict[int, str], max_atoms: int, recipe: Recipe, by: Featurize
) -> tuple[NDArray[np.int64], PackedGraphs]:
    """Graphs of the rows that are not rejected so far, and those rows; adds to ``rejected``."""
    smiles: Sequence[str] = rows.smiles
    index = np.arange(len(smiles))
    if rows.graphs is not None:
        stored = np.setdiff1d(index, np.fromiter(rows.rejected, np.int64, len(rows.rejected)))
        keep = np.array([row not in rejected for row in stored.tolist()], bool)
        return stored[keep], rows.graphs if keep.all() else take(rows.graphs, np.flatnonzero(keep))
    if rejected:
        index = np.setdiff1d(index, np.fromiter(rejected, np.int64, len(rejected)))
        smiles = smiles.take(index) if isinstance(smiles, Cells) else [rows.smiles[row] for row in index.tolist()]
    featurized = by(smiles, max_atoms, recipe)
    for refusal in featurized.rejected:
        rejected[int(index[refusal.row])] = refusal.reason
    return index[featurized.index], featurized.graphs


def _scores(scorer: Scorer, graphs: PackedGraphs) -> NDArray[np.float32]:
    if graphs.n_mols == 0:
        return _no_scores(scorer)
    return np.asarray(scorer.scores(graphs), np.float32)


def _no_scores(scorer: Scorer | SideBySide) -> NDArray[np.float32]:
    return np.empty((0, len(scorer.columns)), np.float32)


def _numbers_alone(scored: ScoredRows) -> ScoredRows:
    """The same without the rows to which the model gives no number in some column: they are rejected."""
    is_number = np.isfinite(scored.scores)
    if is_number.all():
        return scored
    is_kept = is_number.all(axis=1)
    rejected = dict(scored.rejected)
    for row, are_numbers in zip(scored.kept[~is_kept].tolist(), is_number[~is_kept], strict=True):
        rejected[row] = f"{NO_NUMBER} {scored.columns[int(are_numbers.argmin())].name}"
    return scored._replace(kept=scored.kept[is_kept], scores=scored.scores[is_kept], rejected=rejected)


def _block(rows: Rows, start: int, stop: int) -> Rows:
    rejected = {row - start: reason for row, reason in rows.rejected.items() if start <= row < stop}
    graphs = rows.graphs
    if graphs is not None:
        before = sum(1 for row in rows.rejected if row < start)
        graphs = slice_graphs(graphs, start - before, stop - before - len(rejected))
    return Rows(rows.smiles[start:stop], [""] * (stop - start), [], rejected, graphs)
