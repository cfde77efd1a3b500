"""A combinatorial space for a terminal: how many products, of which reactions, and what is odd."""

from __future__ import annotations

from molq.report.numbers import rough
from molq.report.table import Table
from molq.report.text.prose import wrapped
from molq.results.space import Exactness, SpaceLandscape, SpaceSample, SpaceScreen, SpaceSummary

_N_SHOWN = 20
_LONGEST_ID = 36
_N_BEST = 10
_N_SYNTHONS = 3
"""of each position"""
_LONGEST_SMILES = 56
_LONGEST_NAME = 14


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


def screen_text(screen: SpaceScreen) -> str:
    """The best products, how sure it is that none is missing, and what it took."""
    if not screen.hits:
        return wrapped(f"{answer(screen)}.")
    how = f"by the scores of {screen.model}" if screen.where else f"every one scored by {screen.model}"
    parts = [wrapped(f"{answer(screen)}, {how}. {surety(screen.exactness)}")]
    rows = tuple(
        (str(hit.rank), f"{hit.scores[screen.columns.index(screen.ranked_by)]:.4g}", hit.smiles[:_LONGEST_SMILES])
        for hit in screen.hits[:_N_BEST]
    )
    parts.append(Table(("rank", screen.ranked_by[:_LONGEST_NAME], "smiles"), rows).to_text())
    if len(screen.hits) > _N_BEST:
        parts.append(f"and {_n(len(screen.hits) - _N_BEST, 'more product')}")
    again = f"{_n(screen.rescored, 'product')} {'was' if screen.rescored == 1 else 'were'}"
    lines = [
        wrapped(
            f"{_n(screen.spellings, 'combination')} in {screen.seconds:,.1f} s,"
            f" {screen.products_per_s:,.0f} products/s. {screen.scored:,} scores and bounds settled them: what a bound"
            f" shows to be too low is passed over. {again} scored again by the engine, whose scores are given."
        )
    ]
    if screen.where:
        only = f"Only products with {' and '.join(screen.where)} were looked for."
        lines.insert(0, wrapped(f"{only} Those that the bounds rule out were not scored."))
    if screen.spellings > screen.products:
        lines.append(
            wrapped(
                "A product with marks of stereo was scored as each way its SMILES may spell them, on which the model's"
                " features depend; synthons with more than four marks as the ways seen beside some partners."
            )
        )
    if screen.n_molecules < len(screen.hits):
        lines.append(wrapped(f"{same(screen)}."))
    if screen.diverse_by:
        lines.append(wrapped(f"{spread(screen)}."))
    if screen.is_short:
        lines.append(
            wrapped(
                "These are fewer products than were asked for: a bounded number of the best combinations is kept, and"
                " those are no more products."
            )
        )
    if screen.refused:
        lines.append(f"{_n(sum(screen.refused.values()), 'product')} left out, which RDKit refuses:")
        lines += [f"  {k:,} {reason}" for reason, k in screen.refused.items()]
    return "\n\n".join([*parts, "\n".join(lines)])


def landscape_text(found: SpaceLandscape) -> str:
    """The screen, and of each reaction the synthons that stand most often in its best products."""
    parts = [screen_text(found.screen)]
    for reaction in found.reactions:
        rows = tuple(
            (
                str(position),
                one.id[:_LONGEST_ID],
                f"{one.n_best:,}",
                f"{one.best_rank:,}",
                "–" if one.mean is None else f"{one.mean:.4g}",
            )
            for position, own in enumerate(reaction.synthons, 1)
            for one in own[:_N_SYNTHONS]
        )
        columns = ("position", "synthon", "in the best", "best rank", "mean score")
        parts.append(f"{reaction.id[:_LONGEST_ID]}, {reaction.n_best:,} of the best:\n{Table(columns, rows).to_text()}")
    return "\n\n".join(parts)


def answer(screen: SpaceScreen) -> str:
    """What was found, of how many products and within which bounds, without a full stop."""
    met = asked(screen)
    if not screen.hits:
        why = f"meets {met}" if met else "could be scored"
        return f"None of {_n(screen.products, 'product')} {why}"
    side = "lowest" if screen.lowest else "highest"
    best = "product" if len(screen.hits) == 1 else f"{len(screen.hits):,} products"
    within = f" with {met}" if met else ""
    share = f", at most {screen.at_most:,} of each {screen.diverse_by}," if screen.diverse_by else ""
    return f"The {best} of {side} {screen.ranked_by}{within}{share} among {screen.products:,}"


def spread(screen: SpaceScreen) -> str:
    """How a diverse list was found, and whether there is more."""
    passes = "one pass" if screen.passes == 1 else f"{screen.passes:,} passes, each without what was used up before"
    found = f"Chosen from the best down, in {passes}: what shares a {screen.diverse_by} with {screen.at_most:,} better"
    found += " of the list is left out"
    return f"{found}. No other product is left" if screen.are_all else found


def same(screen: SpaceScreen) -> str:
    """How many molecules the hits are, where several are the same one."""
    return f"These are {_n(screen.n_molecules, 'molecule')}: products of several combinations are the same"


def asked(screen: SpaceScreen) -> str:
    """The bounds that every hit meets, such as ``mol_weight < 450 and Class >= 0.5``; empty where there are none."""
    if screen.threshold is None:
        return " and ".join(screen.where)
    bar = f"{screen.ranked_by} {'<=' if screen.lowest else '>='} {screen.threshold:.10g}"
    return " and ".join((*screen.where, bar))


def surety(exactness: Exactness) -> str:
    """Whether a product can be missing."""
    of = "logits" if exactness.in_logits else "scores"
    largest = "infinite, as one is no finite number," if exactness.largest is None else f"{rough(exactness.largest, 1)}"
    seen = (
        f"{exactness.checked:,} random products were scored both ways, largest difference {largest}"
        f" of {of} that spread by {rough(exactness.spread, 2)}"
        if exactness.checked
        else f"the largest difference seen among the best is {largest} of {of}"
    )
    if exactness.differing:
        seen += (
            f"; {exactness.differing:,} of these and of the best RDKit refuses, or perceives otherwise than other"
            " products of their synthons"
        )
    if exactness.room is None:
        return f"Exact: all were scored by the engine. In the pass before, {seen}."
    if exactness.is_exact:
        return (
            "Exact: no product can be missing unless its score in the pass over all differs from the engine’s by more"
            f" than {rough(exactness.room, 2)}; {seen}."
        )
    if exactness.largest is None:
        return f"Not certain: a product may be missing whose score is no finite number; {seen}."
    if exactness.room > exactness.largest:
        return (
            "Not certain: a product may be missing that RDKit perceives otherwise than others of its synthons, and"
            " one whose score in the pass over all differs from the engine’s by more than"
            f" {rough(exactness.room, 2)}; {seen}."
        )
    return (
        f"Not certain: a product may be missing whose score in the pass over all differs from the engine’s by"
        f" {rough(exactness.room, 2)} or more; {seen}. Ask for fewer products (`top`)."
    )


def _n(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
