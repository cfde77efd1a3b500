"""ADMET-AI's two ensembles, taken from the installed admet-ai package without importing it.

Source: Swanson et al., ADMET-AI, Bioinformatics 2024, 40, btae416.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from molq.errors import CheckpointError

PREFIX = "admet_ai:"
ENSEMBLES = ("classification", "regression")


def admet_checkpoints(source: str) -> list[Path]:
    """Checkpoints of the ensemble that ``source`` names, ``admet_ai:classification`` or ``admet_ai:regression``.

    Raises CheckpointError when the name is another, or when the package is not installed.
    """
    name = source.removeprefix(PREFIX)
    if name not in ENSEMBLES:
        choices = " and ".join(f"{PREFIX}{known}" for known in ENSEMBLES)
        raise CheckpointError(f"{source}: no such ensemble of ADMET-AI; there are {choices}")
    spec = find_spec("admet_ai")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    for folder in folders:
        paths = sorted((folder / "resources" / "models" / f"admet_{name}").glob("*.pt"))
        if paths:
            return paths
    raise CheckpointError(f"{source}: the package admet-ai 2 is not installed; install it with `pip install admet-ai`")
