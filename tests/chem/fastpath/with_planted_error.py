"""Runs a copy of the fast path, without compiling it, beside RDKit: ``python with_planted_error.py FOLDER``.

FOLDER holds the package ``planted``. Prints the first SMILES of the standard input that the copy is sure of and reads
otherwise than RDKit, or nothing.
"""

import sys

import numpy as np

sys.path.insert(0, sys.argv[1])

from planted import aromaticity, kernel, workspace  # type: ignore[import-not-found]
from planted.learning import _answer
from planted.verdicts import SURE, UNKNOWN_RINGS
from rdkit import Chem

from molq.chem.packed import PackedGraphs, no_extras
from molq.chem.rdkit_featurize import graph_or_reason

known: dict[bytes, int] = {}


class Table:
    """Answers in Python lists."""

    answers: list[int] = []  # noqa: RUF012
    answer_stop: list[int] = []  # noqa: RUF012


def look_up(table, key, length):
    return known.get(bytes(int(k) for k in key[:length]), -1)


aromaticity.look_up = look_up
wide = np.dtype([(name, (np.int64, kind[0].shape)) for name, kind in workspace._FIELDS.fields.items()])


def make_workspace():
    return np.zeros(1, np.dtype((np.record, wide)))[0]


def graph_of(smiles: str) -> PackedGraphs | None:
    text = np.frombuffer(smiles.encode(), np.uint8).astype(np.int64)
    work, size = make_workspace(), len(text)
    while kernel.perceive(text, 0, size, Table, work)[0] == UNKNOWN_RINGS:
        mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            return None
        known[bytes(int(k) for k in work.key[: work.state[workspace.KEY_LENGTH]])] = len(Table.answer_stop)
        Table.answer_stop.append(len(Table.answers))
        Table.answers += _answer(mol, work).tolist()
    room = PackedGraphs(
        np.zeros(size, np.uint64),
        np.zeros(2 * size, np.uint16),
        np.zeros((2 * size, 2), np.int32),
        np.zeros(2, np.int32),
        np.zeros(2, np.int32),
        no_extras(1),
    )
    verdicts = np.zeros(1, np.uint8)
    kernel.pack_batch(text, [0], [size], 1000, Table, work, *room[:5], verdicts)
    n_atoms, n_bonds = room.atom_ptr[1], room.bond_ptr[1]
    if verdicts[0] != SURE:
        return None
    return room._replace(atoms=room.atoms[:n_atoms], bonds=room.bonds[:n_bonds], ends=room.ends[:n_bonds])


for line in sys.stdin:
    smiles = line.rstrip("\n")
    ours, theirs = graph_of(smiles), graph_or_reason(smiles, 1000)
    if ours is not None and (
        isinstance(theirs, str) or any(a.tobytes() != b.tobytes() for a, b in zip(ours, theirs, strict=True))
    ):
        print(smiles)
        break
