"""A combinatorial space for a terminal: how many products, of which reactions, and what is odd."""

from __future__ import annotations

from molq.report.table import Table
from molq.report.text.prose import wrapped
from molq.results.space import SpaceSample, SpaceSummary

_N_SHOWN = 20
_LONGEST_ID = 36


def space_text(space: SpaceSummary) -> str:
    """The answer, a table of the largest reactions, what was left out."""
    n = len(space.reactions)
    parts = [wrapped(f"{space.products:,} products of {space.synthons:,} synthons, {_n(n, 'reaction')}.")]
    largest = sorted(space.reactions, key=lambda reaction: -reaction.products)[:_N_SHOWN]
    rows = tuple(
        (reaction.id[:_LONGEST_ID], " × ".join(f"{k:,}" for k in reaction.synthons), f"{reaction.products:,}")
        for reaction in largest
    )
    parts.append(Table(("reaction", "synthons", "products"), rows).to_text())
    if n > _N_SHOWN:
        parts.append(f"and {_n(n - _N_SHOWN, 'smaller reaction')}")
    lines = [wrapped(f"note: {note}") for note in space.notes]
    if space.left_out:
        lines.append(f"{_n(sum(space.left_out.values()), 'synthon')} left out:")
        lines += [f"  {k:,} {reason}" for reason, k in space.left_out.items()]
    return "\n\n".join([*parts, "\n".join(lines)] if lines else parts)


def sample_text(sample: SpaceSample) -> str:
    """How many were drawn, and what RDKit refused on the way."""
    lines = [f"{_n(len(sample.products), 'product')} of {sample.source}, seed {sample.seed}"]
    if sample.refused:
        lines.append(f"{_n(sum(sample.refused.values()), 'other product')} drawn, which RDKit refuses:")
        lines += [f"  {k:,} {reason}" for reason, k in sample.refused.items()]
    return "\n".join(lines)


def _n(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
