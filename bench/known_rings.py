"""Learns the ring systems of public libraries from RDKit and writes them into molq.

    python bench/known_rings.py --rows 400000        five minutes

To be run when the release of RDKit changes; the tests ask RDKit again about every entry.
"""

from __future__ import annotations

import argparse

import numpy as np
from fast_path import SETS, batches, smiles_of

from molq.chem.fastpath.aromaticity import describe_piece
from molq.chem.fastpath.kernel import perceive
from molq.chem.fastpath.known_rings import PATH, save_known
from molq.chem.fastpath.learning import learn_rings
from molq.chem.fastpath.memory import ENTRIES, Known, RingMemory, look_up
from molq.chem.fastpath.verdicts import jit
from molq.chem.fastpath.workspace import make_workspace


@jit
def count(text, starts, stops, table, work, counts, example):  # type: ignore[no-untyped-def]  # typed by Numba
    """Adds to counts [entries] what the molecules show, and notes the last molecule that showed an entry."""
    for i in range(len(starts)):
        _, n_atoms, _ = perceive(text, starts[i], stops[i], table, work)
        n_pieces = 0
        for v in range(n_atoms):
            n_pieces = max(n_pieces, work.piece[v] + 1)
        for piece in range(n_pieces):
            length, _ = describe_piece(piece, n_atoms, work)
            if length >= 0:
                entry = look_up(table, work.key, length)
                if entry >= 0:
                    counts[entry] += 1
                    example[entry] = i


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=400_000, help="molecules of each set, at most")
    parser.add_argument("--least", type=int, default=1, help="times that an entry must be met")
    options = parser.parse_args()
    memory, work = RingMemory(), make_workspace()
    counts, examples = np.zeros(ENTRIES, np.int64), [b""] * ENTRIES
    for name in SETS:
        smiles = smiles_of(name)
        chosen = smiles[:: max(len(smiles) // options.rows, 1)]
        for batch in batches(chosen):
            encoded = [text.encode() for text in batch if text.isascii()]
            sizes = np.array([len(text) for text in encoded], np.int64)
            stops, text = np.cumsum(sizes), np.frombuffer(b"".join(encoded), np.uint8)
            starts = stops - sizes
            for start, stop in zip(starts, stops, strict=True):
                learn_rings(text, start, stop, memory, work)
            shown = np.full(ENTRIES, -1, np.int64)
            count(text, starts, stops, memory.table, work, counts, shown)
            for entry in np.flatnonzero(shown >= 0):
                if not examples[entry] or len(encoded[shown[entry]]) < len(examples[entry]):
                    examples[entry] = encoded[shown[entry]]
        print(f"{name}: {len(memory):,} ring systems known")
    table = memory.table
    kept = [i for i in np.argsort(-counts[: len(memory)], kind="stable") if counts[i] >= options.least]
    save_known(
        Known(
            *_joined([table.keys[table.key_stop[i] : table.key_stop[i + 1]] for i in kept]),
            *_joined([table.answers[table.answer_stop[i] : table.answer_stop[i + 1]] for i in kept]),
            *_joined([np.frombuffer(examples[i], np.uint8) for i in kept]),
        )
    )
    print(f"{len(kept):,} of {len(memory):,} kept, {PATH.stat().st_size:,} bytes")


def _joined(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(parts), np.cumsum([0, *(len(part) for part in parts)])


if __name__ == "__main__":
    main()
