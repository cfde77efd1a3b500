"""How far an audit of the fast path can be relied on."""

from __future__ import annotations

AUDIT_RATE = 0.001
"""share of the molecules of the fast path that RDKit parses too"""
_CONFIDENCE = 0.95


def most_differing(n_audited: int) -> float:
    """The largest share of differing molecules that none of ``n_audited`` differing is compatible with, at 95%.

    Clopper and Pearson, 1934, for no event.
    """
    return 1 - (1 - _CONFIDENCE) ** (1 / n_audited) if n_audited else 1.0
