"""Morgan fingerprints and Tanimoto similarity on packed bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.compiled import compiler

jit = compiler(__file__)


def morgan_fingerprints(smiles: Sequence[str], radius: int = 2, n_bits: int = 2048) -> NDArray[np.uint8]:
    """Morgan fingerprints [n, n_bits] of zeros and ones; all zeros for a SMILES that is no molecule."""
    packed = packed_morgan_fingerprints(smiles, radius, n_bits)
    return np.unpackbits(packed, axis=1, count=n_bits, bitorder="little")


def packed_morgan_fingerprints(smiles: Sequence[str], radius: int = 2, n_bits: int = 2048) -> NDArray[np.uint8]:
    """The same fingerprints, eight bits a byte, lowest bit first: [n, n_bits / 8]. ``n_bits`` is a multiple of 64."""
    if n_bits <= 0 or n_bits % 64:
        raise ValueError(f"n_bits is {n_bits}; it must be a positive multiple of 64")
    packed = np.zeros((len(smiles), n_bits // 8), np.uint8)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    with BlockLogs():
        for row, text in enumerate(smiles):
            bits, _ = asked(_bits, generator, text)
            if bits is not None:
                packed[row] = np.frombuffer(bits, np.uint8)
    return packed


def tanimoto(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Similarities [n, m] of packed fingerprints [n, b] and [m, b]; 0 where both are empty."""
    return _tanimoto(_words(left), _words(right))


def nearest_similarities(
    queries: NDArray[np.uint8], references: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Tanimoto similarity [n] of each packed query [n, b] to its nearest reference [m, b], and which it is [n].

    The first of equally near ones is named. Memory does not grow with n × m. Raises ValueError without references.
    """
    if len(references) == 0:
        raise ValueError("no references to be near to")
    return _nearest(_words(queries), _words(references))


def _bits(generator: Any, smiles: str) -> bytes | None:
    mol = Chem.MolFromSmiles(smiles)
    return None if mol is None else DataStructs.BitVectToBinaryText(generator.GetFingerprint(mol))


def _words(packed: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(packed).view(np.uint64)


@jit
def popcount(x):  # type: ignore[no-untyped-def]
    """Set bits of a uint64, by pairs, nibbles and bytes; LLVM turns it into the machine's own instruction."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56)


@jit
def _counts(words):  # type: ignore[no-untyped-def]
    counts = np.zeros(len(words), np.int64)
    for i in range(len(words)):
        for k in range(words.shape[1]):
            counts[i] += np.int64(popcount(words[i, k]))
    return counts


@jit
def _shared(left, right):  # type: ignore[no-untyped-def]
    shared = np.uint64(0)
    for k in range(len(left)):
        shared += popcount(left[k] & right[k])
    return np.int64(shared)


@jit
def _tanimoto(left, right):  # type: ignore[no-untyped-def]
    n_left, n_right = _counts(left), _counts(right)
    similarity = np.zeros((len(left), len(right)), np.float32)
    for i in range(len(left)):
        for j in range(len(right)):
            shared = _shared(left[i], right[j])
            either = n_left[i] + n_right[j] - shared
            if either > 0:
                similarity[i, j] = shared / either
    return similarity


@jit
def _nearest(queries, references):  # type: ignore[no-untyped-def]
    n_queries, n_references = _counts(queries), _counts(references)
    similarity = np.zeros(len(queries), np.float32)
    nearest = np.zeros(len(queries), np.int64)
    for i in range(len(queries)):
        best_shared, best_either = np.int64(0), np.int64(1)
        for j in range(len(references)):
            shared = _shared(queries[i], references[j])
            either = n_queries[i] + n_references[j] - shared
            if shared * best_either > best_shared * either:
                best_shared, best_either, nearest[i] = shared, either, j
        similarity[i] = best_shared / best_either
    return similarity, nearest
