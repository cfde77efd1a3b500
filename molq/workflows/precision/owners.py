"""Which molecule a row belongs to that flows into a layer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, tensors, watching


def row_kinds(member: Predictor, layers: Iterable[str]) -> dict[Site, str]:
    """Whether a row at a site of the layers is a molecule, an atom or an edge; sites of other rows are left out.

    It is told by propane, which has another number of each.
    """
    propane = featurize(["CCC"], recipe=member.recipe).graphs
    n_rows: dict[Site, int] = {}
    with watching(member, layers, lambda at, x: n_rows.__setitem__(at, len(x))):
        for graph in tensors(member, [propane]):
            member(graph)
    kinds = {1: "molecule", len(propane.atoms): "atom", 2 * len(propane.bonds): "edge"}
    return {site: kinds[n] for site, n in n_rows.items() if n in kinds}


def owners(graphs: PackedGraphs) -> dict[str, NDArray[np.int64]]:
    """The molecule of every molecule, atom and directed edge."""
    molecules = np.arange(graphs.n_mols)
    return {
        "molecule": molecules,
        "atom": np.repeat(molecules, np.diff(graphs.atom_ptr)),
        "edge": np.repeat(molecules, 2 * np.diff(graphs.bond_ptr)),
    }
