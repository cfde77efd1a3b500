"""Molecules that stand in a table more than once, and what their labels say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError

DUPLICATES = ("keep", "mean", "drop-conflicts")
"""what may be done with them"""


class Settled(NamedTuple):
    """Which molecules stay, and their labels."""

    kept: NDArray[np.int64]
    """[k] ascending"""
    labels: NDArray[np.float32]
    """[k, T]"""
    note: str | None
    """how many there were and what became of them; None without any"""


def settle_duplicates(
    first: NDArray[np.int64], labels: NDArray[np.float32], kind: str, duplicates: str | None = None
) -> Settled:
    """Labels [n, T] of molecules of which ``first`` [n] names the first that is the same.

    keep leaves all; mean puts the mean of the labels on the first (regression alone); drop-conflicts takes out all
    copies of a molecule whose labels differ in a task. None is keep where nothing else can be asked for. Raises
    InputError for another word.
    """
    if duplicates not in (None, *DUPLICATES):
        raise InputError(f"`duplicates` is {duplicates!r}; choose from {', '.join(DUPLICATES)}")
    if duplicates == "mean" and kind != "regression":
        raise InputError("`duplicates` is mean, which classes have none; choose keep or drop-conflicts")
    everything = np.arange(len(first))
    copies = np.flatnonzero(np.bincount(first, minlength=len(first))[first] > 1)
    if not len(copies):
        return Settled(everything, labels, None)
    gaps = _gaps(first, labels)
    groups = np.unique(first[copies])
    conflicting = groups[gaps[groups] > 0]
    note = f"{len(groups):,} molecules stand in {len(copies):,} rows"
    if len(conflicting):
        most = "" if kind != "regression" else f" by up to {gaps[conflicting].max():.3g}"
        note += f"; the labels of {len(conflicting):,} of them disagree{most}"
    if duplicates == "mean":
        kept = np.unique(first)
        return Settled(kept, _means(first, labels)[kept], f"{note}; each is one molecule with the mean of its labels")
    if duplicates == "drop-conflicts":
        kept = np.flatnonzero(~np.isin(first, conflicting))
        return Settled(kept, labels[kept], f"{note}; all {len(first) - len(kept):,} rows of these are left out")
    choice = "" if duplicates is None else "; `duplicates` can average them or leave out those that disagree"
    return Settled(everything, labels, note + choice)


def _gaps(first: NDArray[np.int64], labels: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n] largest difference between labels of one task, at the first of each group of the same molecule."""
    low, high = np.full_like(labels, np.inf), np.full_like(labels, -np.inf)
    np.fmin.at(low, first, labels)
    np.fmax.at(high, first, labels)
    known = np.isfinite(low) & np.isfinite(high)
    gaps = np.zeros_like(labels)
    gaps[known] = high[known] - low[known]
    return np.asarray(gaps.max(axis=1, initial=0.0), np.float32)


def _means(first: NDArray[np.int64], labels: NDArray[np.float32]) -> NDArray[np.float32]:
    known = ~np.isnan(labels)
    sums, counts = np.zeros(labels.shape), np.zeros(labels.shape)
    np.add.at(sums, first, np.where(known, labels, 0.0))
    np.add.at(counts, first, known)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.where(counts > 0, counts, np.nan), np.float32)
