"""Graphs and scores of the rows of a chunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, concat, empty_graphs, slice_graphs, take
from molq.errors import MolqError
from molq.screening.rows import Rows
from molq.screening.stopwatch import Stopwatch


class Scorer(Protocol):
    """What a worker runs on packed graphs; a molecule's scores must not depend on its batch."""

    @property
    def tasks(self) -> tuple[str, ...]: ...

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        """[n, T]"""
        ...


class Evaluated(NamedTuple):
    """Graphs and scores of the ``kept`` rows of a chunk; every other row is in ``rejected``."""

    kept: NDArray[np.int64]
    graphs: PackedGraphs
    scores: NDArray[np.float32]
    """[len(kept), T], T = 0 without a scorer"""
    rejected: dict[int, str]


def evaluate(rows: Rows, scorer: Scorer | None, max_atoms: int, skipped: dict[int, str], watch: Stopwatch) -> Evaluated:
    """All rows at once but the ``skipped`` ones, which are rejected for the reasons given."""
    rejected = {**rows.rejected, **skipped}
    with watch("pack"):
        index, graphs = _packed(rows, rejected, max_atoms)
    with watch("score"):
        scores = _scores(scorer, graphs)
    return Evaluated(index, graphs, scores, rejected)


def evaluate_one_by_one(
    rows: Rows,
    scorer: Scorer | None,
    max_atoms: int,
    skipped: dict[int, str],
    watch: Stopwatch,
    announce: Callable[[int], None],
) -> Evaluated:
    """The same a row at a time, ``announce(row)`` before each: if a row kills or stops the process, it is known.

    A row that raises is rejected. When every row raises, the last error is raised: the fault is not theirs.
    """
    done: list[Evaluated] = []
    rejected = {**rows.rejected, **skipped}
    kept: list[int] = []
    failures: list[Exception] = []
    candidates = [row for row in range(len(rows.smiles)) if row not in rejected]
    for row in candidates:
        announce(row)
        try:
            one = evaluate(_row(rows, row), scorer, max_atoms, {}, watch)
        except MolqError:
            raise
        except Exception as error:
            failures.append(error)
            rejected[row] = f"failed with {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            continue
        if one.rejected:
            rejected[row] = one.rejected[0]
        else:
            kept.append(row)
            done.append(one)
    if len(failures) > 1 and len(failures) == len(candidates):
        raise failures[-1]
    scores = np.concatenate([e.scores for e in done]) if done else _scores(scorer, empty_graphs())
    return Evaluated(np.array(kept, np.int64), concat([e.graphs for e in done]), scores, rejected)


def _packed(rows: Rows, rejected: dict[int, str], max_atoms: int) -> tuple[NDArray[np.int64], PackedGraphs]:
    """Graphs of the rows that are not rejected so far, and those rows; adds to ``rejected``."""
    if rows.graphs is not None:
        return _prepared(rows, rejected, max_atoms)
    candidates = (
        [row for row in range(len(rows.smiles)) if row not in rejected] if rejected else range(len(rows.smiles))
    )
    smiles = [rows.smiles[row] for row in candidates] if rejected else rows.smiles
    featurized = featurize(smiles, max_atoms)
    for refusal in featurized.rejected:
        rejected[candidates[refusal.row]] = refusal.reason
    return np.asarray(candidates, np.int64)[featurized.index], featurized.graphs


def _prepared(rows: Rows, rejected: dict[int, str], max_atoms: int) -> tuple[NDArray[np.int64], PackedGraphs]:
    graphs = rows.graphs
    assert graphs is not None
    index = np.setdiff1d(np.arange(len(rows.smiles)), np.fromiter(rows.rejected, np.int64, len(rows.rejected)))
    n_atoms = np.diff(graphs.atom_ptr)
    for at in np.flatnonzero(n_atoms > max_atoms).tolist():
        rejected.setdefault(int(index[at]), f"{n_atoms[at]} atoms, more than the limit of {max_atoms}")
    keep = np.array([int(row) not in rejected for row in index], bool) if len(rejected) > len(rows.rejected) else None
    return (index, graphs) if keep is None else (index[keep], take(graphs, np.flatnonzero(keep)))


def _scores(scorer: Scorer | None, graphs: PackedGraphs) -> NDArray[np.float32]:
    if scorer is None:
        return np.empty((graphs.n_mols, 0), np.float32)
    if graphs.n_mols == 0:
        return np.empty((0, len(scorer.tasks)), np.float32)
    return np.asarray(scorer.scores(graphs), np.float32)


def _row(rows: Rows, row: int) -> Rows:
    graphs = rows.graphs
    if graphs is not None:
        before = sum(1 for other in rows.rejected if other < row)
        graphs = slice_graphs(graphs, row - before, row - before + 1)
    return Rows([rows.smiles[row]], [""], [], {}, graphs)
