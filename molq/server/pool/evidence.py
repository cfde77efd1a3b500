"""What stands behind scores: how near a molecule lies to the training set, and what its atoms add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from molq.columns import ranked
from molq.errors import MolqError, UnsupportedError
from molq.results.hits import Belief, Contributions
from molq.screening.scored import Scorer
from molq.screening.workers.job import ModelSource
from molq.shortage import is_shortage


class Evidence:
    """Of the models of a server."""

    def __init__(self, scorers: dict[str, Scorer]) -> None:
        self._scorers = scorers
        self._domains: dict[str, Any] = {}

    def learn(self, source: ModelSource) -> None:
        """Make ready what is known of the molecules that a model was trained on: once, before workers are forked."""
        from molq.store.molqfile import decode
        from molq.workflows.applicability.domain import domain_of

        self._domains[source.path] = domain_of(decode(source.content, source.path))

    def believes(self, name: str) -> bool:
        """Whether it is known what a model was trained on."""
        domain = self._domains.get(name)
        return domain is not None and domain.source is not None

    def beliefs(self, name: str, smiles: Sequence[str], rows: Iterator[int]) -> list[Belief]:
        """One for each SMILES; empty for rows not among ``rows``, and where nothing is known."""
        found = [Belief()] * len(smiles)
        domain = self._domains.get(name)
        if domain is None:
            return found
        for row, belief in _each(rows, smiles, lambda texts: domain.beliefs(texts)):
            found[row] = belief
        return found

    def contributions(
        self, name: str, column: str | None, smiles: Sequence[str], rows: Iterator[int]
    ) -> list[Contributions | None]:
        """To one column, by default the first prediction. Raises UnsupportedError for a model that has none."""
        from molq.workflows.contributions import contributions_of

        engine: Any = self._scorers[name]
        found: list[Contributions | None] = [None] * len(smiles)
        for row, one in _each(rows, smiles, lambda texts: contributions_of(engine, texts, column).found):
            found[row] = one
        return found

    def all_contributions(
        self, name: str, smiles: Sequence[str], rows: Callable[[], Iterator[int]]
    ) -> list[dict[str, Contributions]]:
        """Column → contributions of each SMILES, to every prediction; none where the model has none."""
        columns = self._scorers[name].columns
        found: list[dict[str, Contributions]] = [{} for _ in smiles]
        for column in (columns[place].name for place in ranked(columns)):
            try:
                of_column = self.contributions(name, column, smiles, rows())
            except UnsupportedError:
                continue
            for of_molecule, one in zip(found, of_column, strict=True):
                if one is not None:
                    of_molecule[column] = one
        return found


def _each(
    rows: Iterator[int], smiles: Sequence[str], ask: Callable[[list[str]], Sequence[Any]]
) -> Iterator[tuple[int, Any]]:
    """(row, what is said of it), asked one by one; what fails on one molecule is not said of it."""
    for row in rows:
        try:
            (answer,) = ask([smiles[row]])
        except Exception as error:
            if isinstance(error, MolqError) or is_shortage(error):
                raise
            continue
        yield row, answer
