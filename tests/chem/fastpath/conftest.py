"""The fast path beside RDKit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.fastpath.kernel import perceive
from molq.chem.fastpath.learning import learn_rings
from molq.chem.fastpath.memory import RingMemory
from molq.chem.fastpath.verdicts import NAMES
from molq.chem.fastpath.workspace import make_workspace
from molq.chem.featurize import Featurizer
from molq.chem.packed import slice_graphs
from molq.chem.rdkit_featurize import graph_or_reason


class Perceived:
    """One molecule after the fast path: its verdict in words, its workspace and its numbers of atoms and bonds."""

    def __init__(self, smiles: str, memory: RingMemory) -> None:
        text = np.frombuffer(smiles.encode(), np.uint8)
        self.work = make_workspace()
        learn_rings(text, 0, len(text), memory, self.work)
        verdict, self.n_atoms, self.n_bonds = perceive(text, 0, len(text), memory.table, self.work)
        self.verdict = NAMES[verdict]

    def atoms(self, field: str) -> list[int]:
        return self.work[field][: self.n_atoms].tolist()

    def bonds(self, field: str) -> list[int]:
        return self.work[field][: self.n_bonds].tolist()


@pytest.fixture(scope="session")
def memory() -> RingMemory:
    return RingMemory()


@pytest.fixture(scope="session")
def perceived(memory: RingMemory) -> Callable[[str], Perceived]:
    return lambda smiles: Perceived(smiles, memory)


@pytest.fixture(scope="session")
def mol() -> Callable[[str], Chem.Mol | None]:
    def parse(smiles: str) -> Chem.Mol | None:
        with BlockLogs():
            return Chem.MolFromSmiles(smiles)

    return parse


@pytest.fixture(scope="session")
def share_equal() -> Callable[[list[str]], float]:
    """Asserts that every sure molecule has RDKit's bytes; returns the share of them that is sure."""
    featurizer = Featurizer(audit_rate=0)

    def compare(smiles: list[str]) -> float:
        encoded = [text.encode("utf-8", "surrogatepass") for text in smiles]
        stops = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        starts = stops - np.array([len(text) for text in encoded], np.int64)
        graphs, is_sure = featurizer.pack_sure(np.frombuffer(b"".join(encoded), np.uint8), starts, stops, 1000)
        for k, i in enumerate(np.flatnonzero(is_sure).tolist()):
            judged = graph_or_reason(smiles[i], 1000)
            assert not isinstance(judged, str), f"{smiles[i]!r} is accepted; RDKit: {judged}"
            for ours, theirs in zip(slice_graphs(graphs, k, k + 1), judged, strict=True):
                assert ours.tobytes() == theirs.tobytes(), smiles[i]
        return float(is_sure.mean())

    return compare
