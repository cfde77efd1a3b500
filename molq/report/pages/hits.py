"""The best molecules of a screen as one self-contained HTML page: to look at, sort, filter, select and hand over."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from markupsafe import Markup

from molq.chem.pictures.svg import picture
from molq.errors import InputError
from molq.report.figures.molecule import MoleculeCard, card, scale
from molq.report.numbers import decimal, score_text
from molq.report.pages.molecules import SIZE, Embedded, embedded, limit_of
from molq.report.pages.page import asset, render
from molq.report.text.hits import median_rank
from molq.results.hits import VERDICT_RATES, VERDICT_WORDS, Contributions, Hit, Hits
from molq.urls import name_in
from molq.visible import one_line, readable

_SCRIPTS = ("molecules", "smarts", "molblock", "scatter", "hits")
_WITHOUT_SCRIPTS = 100
"""molecules that are there where a page runs no scripts"""
_MOVED_SHOWN = 12
MOST = 20_000
"""molecules of a page, each of some three kilobytes"""
VERDICTS = ("inside", "edge", "outside")
_WORDS = {str(verdict): words for verdict, words in VERDICT_WORDS.items()}


def hits_page(hits: Hits) -> str:
    """The page; nothing in it is loaded from elsewhere, and its scripts are the only ones that it runs.

    Raises InputError for more hits than MOST.
    """
    if len(hits.hits) > MOST:
        raise InputError(
            f"{len(hits.hits):,} hits are more than a page can show ({MOST:,}); give a smaller `top`, or choose with "
            "`diverse`, or write .csv"
        )
    data = embedded(hits, _WORDS)
    seen = readable(hits)
    moved = _most_moved(seen)
    listed = limit_of(hits)
    limit = listed or scale(parts.atoms for hit in moved for parts in _both(hit))
    script = "\n" + "\n".join(asset(f"scripts/{name}.js") for name in _SCRIPTS)
    return render(
        "hits",
        hits=seen,
        heading=heading(seen),
        answers=list(answers(seen)),
        verdicts=list(_verdicts(seen)),
        rates=VERDICT_RATES,
        has_alerts=any(hit.alerts for hit in seen.hits),
        cards=[_card(hit, data, i) for i, hit in enumerate(seen.hits[:_WITHOUT_SCRIPTS])],
        limit=listed,
        moved=[_moved_card(hit, seen, limit) for hit in moved],
        moved_limit=None if listed else limit,
        made=_made(seen),
        data=data.to_script(),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        page_style=Markup(asset("molecules.css") + asset("hits.css")),
    )


def heading(hits: Hits) -> str:
    """``100 molecules, the best of each group among the best 500 of 5,000``."""
    n = len(hits.hits)
    of = f"the best {hits.considered:,} of {hits.rows:,}"
    if not n:
        return f"No molecule is left of {of}"
    who = _counted(n)
    if hits.choice == "cluster":
        return f"{who}: the best of each group of similar ones among {of}"
    if hits.choice == "maxmin":
        return f"{who}, chosen to be unlike each other, from {of}"
    return f"The best {n:,} of {hits.rows:,}" if n == hits.considered else f"{who} from {of}"


def answers(hits: Hits) -> Iterator[str]:
    """Sentences that say what was found, the most important first."""
    if not hits.hits:
        return
    first, last = hits.hits[0], hits.hits[-1]
    best = "largest" if hits.descending else "smallest"
    yield (
        f"Ranked by {hits.task}, {best} first: {score_text(first.score)} down to {score_text(last.score)}."
        if (hits.descending)
        else f"Ranked by {hits.task}, {best} first: {score_text(first.score)} up to {score_text(last.score)}."
    )
    if hits.filters:
        n = sum(bool(hit.alerts) for hit in hits.hits)
        who = f"{n:,} of {len(hits.hits):,} {'carries' if n == 1 else 'carry'} alerts" if n else "None carries an alert"
        yield f"{who} ({', '.join(hits.filters)})."
    if hits.choice != "top" and len(hits.hits) > 1:
        last_rank = max(hit.rank for hit in hits.hits)
        yield f"Being unlike costs rank: their median rank is {median_rank(hits)}, the last is {last_rank:,}."


def _counted(n: int) -> str:
    return "1 molecule" if n == 1 else f"{n:,} molecules"


def _verdicts(hits: Hits) -> Iterator[tuple[str, int, str]]:
    """Verdict, how many hits have it, what it means."""
    found = [hit.belief.verdict for hit in hits.hits if hit.belief]
    for verdict in VERDICTS:
        if n := found.count(verdict):  # type: ignore[arg-type]
            yield verdict, n, _WORDS[verdict]


def _card(hit: Hit, data: Embedded, index: int) -> MoleculeCard:
    facts = [
        ("belief", (hit.belief.verdict or "") if hit.belief else ""),
        ("similarity", decimal(hit.belief.similarity, 2) if hit.belief and hit.belief.similarity is not None else ""),
        ("alerts", "; ".join(hit.alerts)),
        ("cluster", "" if hit.cluster is None else str(hit.cluster)),
    ]
    return MoleculeCard(
        drawing=Markup(data.drawings[index] or ""),
        missing=data.missing.get(index, ""),
        smiles=one_line(hit.smiles),
        name=f"{hit.rank:,}. {hit.identifier or ''}",
        score=score_text(hit.score),
        facts=tuple((title, value) for title, value in facts if value),
        note="",
    )


def _most_moved(hits: Hits) -> list[Hit]:
    if hits.most_moved:
        return list(hits.most_moved[:_MOVED_SHOWN])
    moved = [hit for hit in hits.hits if hit.moved and hit.moved.rank != hit.moved.from_rank]
    return sorted(moved, key=lambda hit: -abs(hit.moved.rank - hit.moved.from_rank) if hit.moved else 0)[:_MOVED_SHOWN]


def _both(hit: Hit) -> tuple[Contributions, ...]:
    """What atoms add to the score and to the other one; nothing where one of them is not known."""
    theirs = hit.moved.contributions if hit.moved else None
    return (hit.contributions, theirs) if hit.contributions and theirs else ()


def _moved_card(hit: Hit, hits: Hits, limit: float | None) -> MoleculeCard:
    """With one picture, or with one for each model where it is known what the atoms add to both scores."""
    assert hit.moved is not None
    facts = [
        (_model(hits.model) or "this model", f"rank {hit.moved.from_rank:,}, {score_text(hit.score)}"),
        (_model(hits.against) or "the other", f"rank {hit.moved.rank:,}, {score_text(hit.moved.score)}"),
    ]
    steps = hit.moved.from_rank - hit.moved.rank
    name, score = hit.identifier or "", f"{'↑' if steps > 0 else '↓'} {abs(steps):,}"
    drawn = [picture(hit.smiles, size=SIZE, values=parts.atoms, limit=limit) for parts in _both(hit)]
    if not drawn or None in drawn:
        return card(hit.smiles, name, score, facts, size=SIZE)
    side = Markup("<div>{}<small><b>{}</b> {}</small></div>")
    sides = Markup("").join(
        side.format(Markup(svg), one_line(model), said) for svg, (model, said) in zip(drawn, facts, strict=True)
    )
    pair = Markup('<div class="pair">{}</div>').format(sides)
    return MoleculeCard(pair, "", one_line(hit.smiles), one_line(name), score, (), "")


def _model(path: str | None) -> str:
    return name_in(path) if path else ""


def _made(hits: Hits) -> list[tuple[str, str]]:
    left = sorted(hits.left_out.items(), key=lambda pair: -pair[1])
    bad = sorted(hits.unscored.items(), key=lambda pair: -pair[1])
    return [
        ("Scores", f"{hits.source}: {hits.rows:,} rows with a score of {hits.task}"),
        ("Model", hits.model or ""),
        ("Trained on", hits.reference or ""),
        ("Compared with", hits.against or ""),
        ("Considered", f"the best {hits.considered:,}"),
        ("Conditions", ", ".join(hits.conditions)),
        ("Alerts of", ", ".join(hits.filters)),
        ("Not listed", "; ".join(f"{n:,} {reason}" for reason, n in left)),
        ("Without a score", "; ".join(f"{n:,} {reason}" for reason, n in bad)),
    ]
