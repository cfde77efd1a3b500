"""Which molecule features a checkpoint takes: what is said of them, held against the width of its matrices."""

from __future__ import annotations

import itertools

from molq.chem.molecule_features.compute import width
from molq.chem.molecule_features.names import NAMES
from molq.errors import CheckpointError

_MOST_SHOWN = 4


def require_molecule_features(n_extras: int, names: tuple[str, ...]) -> None:
    """Returns when the features of those names are as many numbers as the head takes beside the graph's vector.

    Raises CheckpointError otherwise, and where it takes some and nobody says which: they are never guessed.
    """
    if n_extras and not names:
        raise CheckpointError(
            f"its head takes {n_extras:,} numbers beside the graph's vector, and the checkpoint does not say which:"
            f" {_explained(n_extras)}"
        )
    found = width(names) if names else 0
    if found != n_extras:
        raise CheckpointError(
            f"the molecule features {', '.join(names)} are {found:,} numbers here, and its head takes {n_extras:,}"
            " beside the graph's vector: others were used in training"
            + (", or another release of RDKit" if {"rdkit_2d"} & set(names) else "")
        )


def _explained(n_extras: int) -> str:
    explanations = [
        names
        for n in range(1, len(NAMES) + 1)
        for names in itertools.combinations(NAMES, n)
        if width(names) == n_extras
    ]
    if not explanations:
        return (
            "chemprop computes no features of that number from SMILES, so they came from a file (--descriptors-path),"
            " and molq has only SMILES"
        )
    shown = " or ".join(",".join(names) for names in explanations[:_MOST_SHOWN])
    more = " or others" if len(explanations) > _MOST_SHOWN else ""
    return f"{shown}{more} would be as many; name them with `molecule_featurizers`, in the order of training"
