"""What an export came to."""

from __future__ import annotations

from molq.results.shown import Result


class Exported(Result, frozen=True):
    """An ONNX file, and how far its scores are from those of the model that it was made from."""

    path: str
    size_bytes: int
    opset: int
    molecules: int
    """on which both were run, in batches of 1 and of the others"""
    largest_difference: float
    """of any score, in its unit"""
    spread: float
    """standard deviation of the model's scores of these molecules, in the column that differs most"""
