"""A list of hits with made-up numbers and awkward texts, for tests of what shows and writes it."""

from __future__ import annotations

from typing import Any

from molq.results.hits import Belief, Contributions, Hit, Hits


def hit(**changes: Any) -> Hit:
    """A hit with everything that is usual of one."""
    values: dict[str, Any] = {
        "rank": 1,
        "row": 41,
        "smiles": "Oc1ccccc1O",
        "identifier": '=HYPERLINK("x")',
        "score": 0.9375,
        "scores": {"p": 0.9375, "p_std": 0.1},
        "others": {"vendor": "A & B"},
        "alerts": ("PAINS: catechol_A(92)", "own: =cmd"),
        "properties": {"mol_weight": 110.11, "logp": 1.5},
        "belief": Belief(similarity=0.75, nearest="Oc1ccccc1", unseen_environments=0.25, verdict="inside"),
        "contributions": Contributions((0.1, 0.2, 0.0, 0.0, 0.0, 0.0, 0.3, -0.1), 0.5, 1.0),
    }
    return Hit(**(values | changes))


HITS = Hits(
    task="p",
    columns=("p", "p_std"),
    descending=True,
    source="scores.csv",
    rows=10_000,
    considered=3,
    choice="top",
    hits=(
        hit(),
        hit(
            rank=3,
            row=7,
            smiles="CCO",
            identifier="<b>α</b>\n> <x>",
            score=0.5,
            scores={"p": 0.5},
            others={"vendor": ""},
            alerts=(),
            belief=None,
            contributions=None,
        ),
    ),
    unscored={"unparsable SMILES: unclosed ring": 12},
    left_out={"not mol_weight < 500": 1},
    other_columns=("vendor",),
    filters=("PAINS", "own"),
    conditions=("mol_weight < 500",),
    notes=("a note",),
)
