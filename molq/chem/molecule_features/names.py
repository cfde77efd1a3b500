"""What the molecule features are called."""

from __future__ import annotations

from molq.errors import InputError

NAMES = ("morgan_binary", "morgan_count", "rdkit_2d", "v1_rdkit_2d", "v1_rdkit_2d_normalized", "charge")
"""as chemprop 2 calls them (``--molecule-featurizers``)"""
V1_NAMES = ("morgan", "morgan_count", "rdkit_2d", "rdkit_2d_normalized")
"""as chemprop 1 calls them (``--features_generator``): other bits, and zeros for what has no heavy atom"""
V1_PREFIX = "chemprop1."
"""how a recipe tells those from chemprop 2's"""
DESCRIPTASTORUS = "2.8.0"
"""release that the descriptors of chemprop 1 are taken from"""
ALL_NAMES = (*NAMES, *(V1_PREFIX + name for name in V1_NAMES))


def require_names(names: tuple[str, ...]) -> None:
    """Returns when molecule features of these names are offered; raises InputError for the first that is not."""
    for name in names:
        if name not in ALL_NAMES:
            raise InputError(f"unknown molecule feature {name[:40]!r}: choose of {', '.join(ALL_NAMES)}")
    if len(names) > len(ALL_NAMES):
        raise InputError(f"{len(names):,} molecule features are named, and there are {len(ALL_NAMES)}")
