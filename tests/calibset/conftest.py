"""A small library with known scaffolds: every substituent on every core."""

import pytest

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
