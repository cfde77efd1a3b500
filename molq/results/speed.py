"""Throughput of models against each other."""

from __future__ import annotations

from msgspec import field

from molq.results.shown import Result


class Throughput(Result, frozen=True):
    """Speed of one model on one thread, from packed graphs to scores; parsing SMILES is not in it."""

    mols_per_s: float
    """molecules per second of the thread's processor time"""
    speedup: float
    """``mols_per_s`` over that of the first model"""
    speedup_low: float
    """least ratio in any one of the rounds that count"""
    speedup_high: float
    """largest"""


class SpeedSection(Result, frozen=True):
    """How throughput was measured."""

    molecules: int
    rounds: int
    threads: int
    backend: str
    start: str = field(name="from")
    """what the clock starts with"""
    clock: str
