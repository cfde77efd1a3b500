from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molq.chem.fingerprint_set import coded, decoded
from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.data.labels import load_dataset
from molq.errors import InputError

BITS = 2048


def random_set(n: int, seed: int = 0, bits: int = 128) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, bits // 8)).astype(np.uint8)


def as_set(packed: NDArray[np.uint8]) -> set[bytes]:
    return {row.tobytes() for row in packed}


def test_the_fingerprints_of_rdkit_come_back_each_once() -> None:
    smiles = load_dataset("bace").smiles[:80]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    bits = [np.zeros(BITS, np.uint8) for _ in smiles]
    for text, row in zip(smiles, bits, strict=True):
        row[list(generator.GetFingerprint(Chem.MolFromSmiles(text)).GetOnBits())] = 1
    expected = as_set(np.packbits(np.array(bits), axis=1, bitorder="little"))
    n, data = coded(packed_morgan_fingerprints([*smiles, *smiles[:10]], n_bits=BITS))
    found = decoded(data, n, BITS)
    assert n == len(found) == len(expected)
    assert as_set(found) == expected


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 33])
def test_any_number_of_fingerprints_comes_back(n: int) -> None:
    packed = random_set(n)
    assert as_set(decoded(coded(packed)[1], n, 128)) == as_set(packed)


def test_fingerprints_without_a_bit_are_no_molecules() -> None:
    packed = np.vstack([random_set(3), np.zeros((2, 16), np.uint8)])
    n, data = coded(packed)
    assert n == 3
    assert as_set(decoded(data, 3, 128)) == as_set(packed[:3])
    assert coded(np.zeros((4, 16), np.uint8)) == (0, b"")
    assert decoded(b"", 0, 128).shape == (0, 16)


def test_the_same_set_in_another_order_gives_the_same_bytes() -> None:
    packed = random_set(40)
    assert coded(packed) == coded(packed[::-1].copy())


def test_a_molecule_of_bace_costs_at_most_17_bytes() -> None:
    n, data = coded(packed_morgan_fingerprints(load_dataset("bace").smiles, n_bits=BITS))
    assert len(data) < 17 * n
    assert len(data) < 1513 * BITS / 8 / 15


def test_bytes_that_are_no_set_are_refused() -> None:
    n, data = coded(random_set(20))
    garbage = bytes([255, 254, 1, *range(60)])
    for broken, count in ((data[:-3], n), (data + b"x", n), (data, n + 60), (data, n - 15), (garbage, n), (b"", 3)):
        with pytest.raises(InputError, match="cannot be read"):
            decoded(broken, count, 128)


def test_a_set_that_unpacks_to_more_than_it_says_is_not_unpacked() -> None:
    n, data = coded(np.tile(np.arange(64, dtype=np.uint8)[:, None], (1, 16)))
    assert n == 63
    with pytest.raises(InputError, match="too much"):
        decoded(data, 1, 8)
