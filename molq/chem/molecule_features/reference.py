"""Molecule features of ten molecules as they were when a model was made: a descriptor that changed since is found."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray
from rdkit import rdBase

from molq.chem.molecule_features.names import DESCRIPTASTORUS
from molq.chem.recipe import Recipe

MOLECULES = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "C[C@H](N)C(=O)O",
    "[Na+].[O-]C(=O)/C=C/c1ccccc1",
    "CC1(C)S[C@@H]2[C@H](NC(=O)Cc3ccccc3)C(=O)N2[C@H]1C(=O)O",
    "C[C@]12CC[C@H]3[C@@H](CCC4=CC(=O)CC[C@]34C)[C@@H]1CC[C@@H]2O",
    "CCOP(=S)(OCC)Oc1ccc(cc1)[N+](=O)[O-]",
    "FC(F)(F)c1ccc(Br)cc1I",
    "CN1CCN(CC1)c1ccc(cc1)S(=O)(=O)Nc1nccs1",
    "C[N+](C)(C)CCO[Si](C)(C)CC#N",
)
_DIGITS = 7
_RELATIVE, _ABSOLUTE = 1e-5, 1e-6
"""what other processors may round otherwise"""


class RecordedFeatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a recipe's molecule features were, where and when it was written down."""

    versions: dict[str, str]
    """of what computes them"""
    values: dict[str, tuple[float, ...]]
    """of MOLECULES, by the name of the column; those that are 0 for all of them are left out"""


def reference(recipe: Recipe) -> RecordedFeatures:
    """What the recipe's molecule features are here and now."""
    names, values = _here(recipe)
    columns = np.flatnonzero(values.any(axis=0)).tolist()
    return RecordedFeatures(_versions(recipe), {names[k]: tuple(map(_short, values[:, k].tolist())) for k in columns})


def difference(stored: RecordedFeatures, recipe: Recipe, n_extras: int) -> str | None:
    """What the recipe's molecule features are otherwise here than they were, in words; None where they are the same.

    ``n_extras`` is how many a model takes.
    """
    names, values = _here(recipe)
    if len(names) != n_extras:
        return (
            f"its molecule features {', '.join(recipe.molecule_features)} are {len(names):,} numbers here"
            f" ({_said(_versions(recipe))}), and it takes {n_extras:,} ({_said(stored.versions)})"
        )
    if unknown := sorted(stored.values.keys() - set(names)):
        return f"its molecule feature {unknown[0][:60]} is not among those of {_said(_versions(recipe))}"
    nothing = (0.0,) * len(MOLECULES)
    for name, here in zip(names, values.T, strict=True):
        then = stored.values.get(name, nothing)
        if len(then) != len(MOLECULES):
            return f"its molecule feature {name} is written down for {len(then)} molecules, not for {len(MOLECULES)}"
        changed = np.flatnonzero(~np.isclose(here, then, rtol=_RELATIVE, atol=_ABSOLUTE))
        if len(changed):
            i = int(changed[0])
            return (
                f"its molecule feature {name} of {MOLECULES[i]} is {_short(here[i]):g} here"
                f" ({_said(_versions(recipe))}), and was {then[i]:g} where the model was made"
                f" ({_said(stored.versions)})"
            )
    return None


def _versions(recipe: Recipe) -> dict[str, str]:
    """Of what computes the features. RDKit's own list of descriptors is not descriptastorus'."""
    is_listed = any("rdkit_2d" in name and name != "rdkit_2d" for name in recipe.molecule_features)
    return {"RDKit": rdBase.rdkitVersion} | ({"descriptastorus": DESCRIPTASTORUS} if is_listed else {})


def _said(versions: dict[str, str]) -> str:
    return (
        ", ".join(f"{name[:20]} {version[:40]}" for name, version in list(versions.items())[:4]) or "versions unknown"
    )


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


@cache
def _here(recipe: Recipe) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names [k] and values [10, k]."""
    # late: few models take any, and RDKit's descriptors take a while to import
    from molq.chem.featurize import featurize
    from molq.chem.molecule_features.compute import columns

    found = featurize(MOLECULES, recipe=recipe)
    assert not found.rejected
    return columns(recipe.molecule_features), found.graphs.extras.astype(np.float64)
