"""The matrix layers of a model as they are stored."""

from __future__ import annotations

from molq.results.shown import Result


class Layer(Result, frozen=True):
    """One matrix layer."""

    name: str
    """``member.name`` in an ensemble"""
    role: str
    shape: tuple[int, int]
    """outputs, inputs"""
    weights: str
    activations: str | None
    """``static``, ``dynamic``, or None for float inputs"""
    n_bytes: int
    """of weights, scales and bias"""
    ranges: tuple[tuple[float, float], ...]
    """least and largest value of the 8-bit input, per call site; empty unless static"""
