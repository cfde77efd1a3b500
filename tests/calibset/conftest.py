"""A small library with known scaffolds: every substituent on every core."""

import pytest

from molq.calibset.reference import Null, Reference, describe, draw_null

SUBSTITUENTS = ["C", "CC", "CCO", "O", "N", "F", "Cl", "Br", "C(=O)O", "N#C", "OC", "N(C)C", "CS(=O)(=O)", "CCCC"]
CORES = {
    "c1ccccc1": "{}c1ccccc1",
    "c1ccncc1": "{}c1ccncc1",
    "c1ccc2ccccc2c1": "{}c1ccc2ccccc2c1",
    "C1CCNCC1": "{}C1CCNCC1",
    "c1ccsc1": "{}c1ccsc1",
    "": "{}CCCC",
}


@pytest.fixture(scope="session")
def library() -> list[str]:
    """84 molecules, 14 on each of 6 scaffolds (one of them none at all)."""
    return [pattern.format(group) for pattern in CORES.values() for group in SUBSTITUENTS]


@pytest.fixture(scope="session")
def large_library() -> list[str]:
    """588 molecules with two substituents each, on three ring systems."""
    cores = ["{}c1ccc({})cc1", "{}c1ccc({})nc1", "{}C1CCN(CC1)C(=O)c1ccc({})cc1"]
    return [core.format(first, _inner(second)) for core in cores for first in SUBSTITUENTS for second in SUBSTITUENTS]


@pytest.fixture(scope="session")
def reference(large_library) -> Reference:
    return describe(large_library)


@pytest.fixture(scope="session")
def null(reference) -> Null:
    return draw_null(reference, 60, 200)


def _inner(group: str) -> str:
    """The substituent written so that it can follow the atom that carries it."""
    return {"N#C": "C#N", "CCO": "OCC", "CS(=O)(=O)": "S(C)(=O)=O", "C(=O)O": "OC=O", "OC": "CO"}.get(group, group)
