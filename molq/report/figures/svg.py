"""matplotlib figures as SVG that takes its colours and font from the page, or carries its own for light and dark."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from molq.report.palette import variables

_NAMES = ("ink", "muted", "grid", "accent", "plain", "band", "surface")
INK, MUTED, GRID, ACCENT, PLAIN, BAND, SURFACE = (f"#0{i}fe0{i}" for i in range(1, 8))
"""colours to draw with; each becomes a variable of the page"""
_VARIABLES = dict(zip((INK, MUTED, GRID, ACCENT, PLAIN, BAND, SURFACE), _NAMES, strict=True))
_RC: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "molq",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
}


def style() -> Any:
    """Context in which figures are to be drawn."""
    return matplotlib.rc_context(_RC)


def inline_svg(figure: Figure, title: str, description: str) -> Markup:
    """An ``<svg>`` for an HTML page that defines the colour variables; scales with its place."""
    with style():
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    box = re.search(r'viewBox="([^"]+)"', text)
    assert box is not None
    body = text[text.index(">", text.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = _without_idle_ids(body)
    for colour, name in _VARIABLES.items():
        body = body.replace(colour, f"var(--{name})")
    body = re.sub(r"font-family: [^;\"]+;? ?", "", body)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}" '
        f'role="img" aria-label="{escape(title)}">'
    )
    return Markup(f"{head}<title>{escape(title)}</title><desc>{escape(description)}</desc>{body.strip()}")


def standalone_svg(inline: str) -> str:
    """An SVG file of its own from ``inline_svg``: light or dark as its reader's screen is."""
    rules = variables("svg") + "svg { background: var(--surface); font-family: var(--font) }"
    head, separator, rest = str(inline).partition("</desc>")
    return f"{head}{separator}<style>{rules}</style>{rest}\n"


def _without_idle_ids(body: str) -> str:
    """Drops ids that nothing refers to; several figures share one page."""
    used = set(re.findall(r"#([\w-]+)[\")]", body))
    return re.sub(r' id="([\w.-]+)"', lambda m: m[0] if m[1] in used else "", body)
