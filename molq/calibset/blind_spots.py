"""Draft."""

from __future__ import annotations

from typing import NamedTuple


class Detection(NamedTuple):
    """Sets of one size that were wrong in one way, and how many of them a verdict found."""

    library: str
    fault: str
    """``none``, ``foreign``, or what of the library is absent"""
    other: str
    """where foreign molecules come from, "" where there are none"""
    share: float
    """of the set that is foreign, or of the library that is absent"""
    size: int
    trials: int
    found: int
    """called marginal or worse"""
    failed: int
    """called not representative"""
