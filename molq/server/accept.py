"""Which form of an answer a client wants."""

from __future__ import annotations

from collections.abc import Sequence

from molq.server.refusal import Refusal


def chosen_form(accept: str, forms: Sequence[str]) -> str:
    """The media type of ``forms`` that an Accept header likes best, the first of equals. Raises Refusal (406)."""
    ranges = [_parsed(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best = max(forms, key=lambda form: _quality(form, ranges))
    if _quality(best, ranges) <= 0:
        raise Refusal(406, f"no answer has the form {accept[:100]!r}; Accept one of {', '.join(forms)}")
    return best


def _parsed(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                quality = 0.0
    return name, quality


def _quality(form: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Of the most specific range that matches."""
    kind = form.partition("/")[0]
    for name in (form, f"{kind}/*", "*/*"):
        for range_name, quality in ranges:
            if range_name == name:
                return quality
    return 0.0
