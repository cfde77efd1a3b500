"""What is known of one thing: a label and its facts beside it, line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from molq.report.table import WIDTH


def facts_text(facts: Sequence[tuple[str, str]]) -> str:
    """The facts within 80 columns; the label of several facts in a row is written once.

    A word that is longer than a line, such as a URL, stays whole, so that it can be copied.
    """
    margin = max(len(label) for label, _ in facts) + 2
    lines, last = [], ""
    for label, fact in facts:
        shown = label if label != last else ""
        last = label
        wrapped = textwrap.wrap(fact, WIDTH - margin, break_on_hyphens=False, break_long_words=False)
        lines += [f"{shown if i == 0 else '':{margin}}{line}".rstrip() for i, line in enumerate(wrapped or [""])]
    return "\n".join(lines)
