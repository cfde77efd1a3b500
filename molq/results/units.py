"""Numbers with their units, as results say them."""

from __future__ import annotations


def with_unit(value: float, unit: str) -> str:
    """Three digits and the unit; ``%`` for a share from 0 to 1."""
    if unit == "%":
        return "<0.001%" if 0 < value < 1e-5 else f"{100 * value:.3g}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g} {unit}".rstrip()
