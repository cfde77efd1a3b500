"""The ring systems that come with molq: what this release of RDKit said of those that public libraries are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rdkit import rdBase

from molq.chem.fastpath.memory import Known

PATH = Path(__file__).with_name("known_rings.npz")


def known_rings() -> Known | None:
    """The entries of the file beside this module; None where they were learnt from another release of RDKit."""
    with np.load(PATH, allow_pickle=False) as file:
        if str(file["rdkit"]) != rdBase.rdkitVersion:
            return None
        return Known(*(file[name] for name in Known._fields))


def save_known(known: Known) -> None:
    """Writes the file, in the name of the RDKit that runs."""
    np.savez_compressed(PATH, rdkit=np.array(rdBase.rdkitVersion), **known._asdict())
