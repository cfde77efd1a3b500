"""Small spaces as files, and those of RDKit where they are at hand."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from molq.chem.recipe import PLAIN, Recipe
from molq.results.space import Exactness, SpaceHit, SpaceScreen, SpaceSynthon
from molq.spaces.products import all_combinations, spelled
from molq.spaces.read_space import read_space
from molq.spaces.sheets import Sheet, perceive
from molq.spaces.space import Space

HEADER = "SMILES\tsynton_id\tsynton#\treaction_id\n"
AMIDES = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\tamide\n"
    for smiles, name, position in [
        ("c1ccccc1C(=O)[1*]", "benzoyl", 0),
        ("CC(=O)[1*]", "acetyl", 0),
        ("[1*]NC", "methylamine", 1),
        ("[1*]N1CCCC1", "pyrrolidine", 1),
        ("[1*]NCc1ccco1", "furfurylamine", 1),
    ]
)


def rdkits(name: str) -> Path:
    """A space of RDKit's own tests. Skips where it is not at hand."""
    path = Path(os.environ.get("MOLQ_DATA_DIR", "/nonexistent")) / "spaces" / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand: MOLQ_DATA_DIR has no spaces")
    return path


def lines_of(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()


STEREO = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\turea\n"
    for smiles, name, position in [
        ("O=C(NC1COC1)[1*]", "a", 0),
        ("Oc(cc(cc1)NC([1*])=O)c1Cl", "b", 0),
        ("C[C@@H](O)CNC([1*])=O", "c", 0),
        ("O=C(Nc1c(CN[1*])cc[s]1)[2*]", "d", 1),
        ("C[C@H](CC(C1)N[1*])CN1C([2*])=O", "e", 1),
        ("FC(Oc(cc1)cnc1C[2*])F", "f", 2),
        ("N#CCc(cncc1)c1C[2*]", "g", 2),
        (r"C/C=C/C[2*]", "h", 2),
        (r"C[C@H](C1)CN1C[2*]", "i", 2),
    ]
)
QUINOLINES = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\tquinoline\n"
    for smiles, name, position in [
        ("[1*]Nc1c([2*])cccc1", "a", 0),
        ("[1*]Nc1ccc(C(Cl)(Cl)Cl)cc1[2*]", "b", 0),
        ("[1*]Nc1c(F)cccc1[2*]", "c", 0),
        ("[1*]=CC=C[2*]", "d", 1),
        ("[1*]=C(CC(=O)O)C=C[2*]", "e", 1),
        ("[1*]=C(CC(=O)O)C=C([2*])c1ccccc1", "f", 1),
    ]
)
ARYLS = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\taryl\n"
    for smiles, name, position in [
        ("[1*]c1ccccc1", "a", 0),
        ("[1*]C=CC", "b", 0),
        ("[1*]CC", "c", 0),
        ("[1*]C1CCOC1", "d", 0),
        ("[1*]c1ccncc1C", "e", 1),
        ("[1*]N(C)C", "f", 1),
        ("[1*]C(=O)OC", "g", 1),
        ("[1*]CCl", "h", 1),
    ]
)
"""joins where what is conjugated depends on the partner"""
LONG = HEADER + "".join(
    f"{smiles}\t{name}\t{position}\tlong\n"
    for smiles, name, position in [
        *((f"{end}CCCCCC(=O)[1*]", f"a{end}", 0) for end in "CNOF"),
        *((f"{end}c1ccc(cc1)CCCC(=O)[1*]", f"b{end}", 0) for end in "CNOF"),
        ("[1*]NC1CCN([2*])CC1", "c", 1),
        ("[1*]NCCC1CCN([2*])CC1", "d", 1),
        ("[1*]NCCN[2*]", "e", 1),
        *((f"{end}CCOCCC[2*]", f"f{end}", 2) for end in "CNO"),
        *((f"{end}c1ccc(nc1)CCC[2*]", f"g{end}", 2) for end in "CNO"),
    ]
)
"""synthons that differ farther from their joins than a network of three steps sees"""
MADE = {"amides": AMIDES, "long": LONG, "stereo": STEREO, "quinolines": QUINOLINES, "aryls": ARYLS}


def made(folder: Path, name: str) -> Space:
    """One of the small spaces."""
    path = folder / f"{name}.txt"
    path.write_text(MADE[name])
    return read_space(path)


def sheets_of(folder: Path, name: str, recipe: Recipe = PLAIN) -> tuple[Sheet, ...]:
    """The sheets of its reaction."""
    (reaction,) = made(folder, name).reactions
    return perceive(reaction, recipe).sheets


def screen_of(space: Space, scored: Callable[[Sequence[str]], NDArray[np.float64]], top: int) -> SpaceScreen:
    """A screen as brute force makes it: every product, ranked by a score that is known."""
    found = [one for one in spelled(all_combinations(space)) if one.smiles]
    scores = scored([one.smiles for one in found if one.smiles])
    hits = tuple(
        SpaceHit(
            rank,
            found[i].smiles or "",
            found[i].combination.id,
            (float(scores[i]),),
            found[i].combination.reaction,
            tuple(SpaceSynthon(synthon.id, synthon.smiles) for synthon in found[i].combination.synthons),
        )
        for rank, i in enumerate(np.argsort(-scores, kind="stable")[:top].tolist(), 1)
    )
    surely = Exactness(True, 0.01, 1e-6, 1.0, 100, 0)
    return SpaceScreen(
        "space.txt", "m", ("score",), "score", False, hits, len(found), {}, len(found), top, surely, 1.0, 1
    )
