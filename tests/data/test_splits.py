from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles

from molq.chem.featurize import featurize
from molq.chem.table import read_table
from molq.data.labels import load_dataset
from molq.data.locate import locate
from molq.data.registry import dataset_info, dataset_names
from molq.data.splits import SPLIT_METHODS, Split, make_split
from molq.errors import InputError

SCAFFOLD_METHODS = ("scaffold", "scaffold-balanced")
CLASSIFICATION = [n for n in dataset_names() if dataset_info(n).kind == "classification"]


def sides(split: Split) -> tuple[np.ndarray, ...]:
    return split.train, split.valid, split.test


def chains_on_rings(*sizes: int) -> list[str]:
    """Molecules of len(sizes) scaffolds, sizes[k] of the ring with k+3 atoms."""
    return ["C" * (i + 1) + "C1" + "C" * (k + 1) + "C1" for k, size in enumerate(sizes) for i in range(size)]


@pytest.fixture(scope="module")
def bace() -> list[str]:
    return load_dataset("bace").smiles[:600]


@pytest.mark.parametrize("method", SPLIT_METHODS)
@pytest.mark.parametrize(
    "fractions", [(0.8, 0.1, 0.1), (0.5, 0.2, 0.3), (0.9, 0.1, 0.0), (1.0, 0.0, 0.0), (0.8, 0.0, 0.2)]
)
def test_every_molecule_is_on_exactly_one_side(bace, method, fractions):
    split = make_split(bace, method, seed=3, fractions=fractions)
    assert sorted(np.concatenate(sides(split))) == list(range(len(bace)))
    for side, fraction in zip(sides(split), fractions, strict=True):
        assert (np.diff(side) > 0).all()
        assert len(side) / len(bace) == pytest.approx(fraction, abs=0.02)


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_no_scaffold_is_on_two_sides(request, name):
    assert_no_scaffold_is_on_two_sides(request, name, at_most=1_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_no_scaffold_is_on_two_sides_of_a_large_set(request, name):
    assert_no_scaffold_is_on_two_sides(request, name, at_most=20_000)


def assert_no_scaffold_is_on_two_sides(request: pytest.FixtureRequest, name: str, at_most: int) -> None:
    if not dataset_info(name).embedded:
        request.getfixturevalue("public_datasets")
    smiles = read_table(locate(name, download=False), smiles_column=dataset_info(name).smiles_column).read_smiles
    smiles = smiles[:: -(-len(smiles) // at_most)]
    smiles = [smiles[i] for i in featurize(smiles).index]
    scaffold = np.array([MurckoScaffoldSmiles(s) for s in smiles])
    for method in SCAFFOLD_METHODS:
        train, valid, test = (set(scaffold[side]) for side in sides(make_split(smiles, method, seed=1)))
        assert not train & valid
        assert not train & test
        assert not valid & test


def test_scaffold_split_fills_train_with_the_largest_scaffolds(bace):
    split = make_split(bace, "scaffold")
    scaffold = [MurckoScaffoldSmiles(s) for s in bace]
    size = Counter(scaffold)
    smallest_in_train = min(size[scaffold[i]] for i in split.train)
    assert max(size[scaffold[i]] for i in np.concatenate([split.valid, split.test])) <= smallest_in_train + 1
    assert split.seed is None


def test_scaffold_split_by_hand():
    smiles = chains_on_rings(1, 5, 2, 1, 1)
    split = make_split(smiles, "scaffold", fractions=(0.7, 0.15, 0.15))
    assert split.train.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert split.valid.tolist() == [9]
    assert split.test.tolist() == [0, 8]


def test_scaffold_split_ignores_the_seed(bace):
    one, other = make_split(bace, "scaffold", seed=0), make_split(bace, "scaffold", seed=9)
    assert all(np.array_equal(a, b) for a, b in zip(sides(one), sides(other), strict=True))


@pytest.mark.parametrize("method", ["random", "scaffold-balanced"])
def test_the_seed_decides(bace, method):
    one, again, other = (make_split(bace, method, seed=seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a, b) for a, b in zip(sides(one), sides(again), strict=True))
    assert not np.array_equal(one.test, other.test)


@pytest.mark.parametrize(("seed", "fractions"), [(0, (0.8, 0.1, 0.1)), (1, (0.4, 0.2, 0.4)), (2, (0.2, 0.5, 0.3))])
def test_scaffold_balanced_is_chemprop_1s(bace, seed, fractions):
    for smiles in (bace, chains_on_rings(10, 12, 1, 9, 3, 8, 1, 2, 30, 4, 6, 5, 1, 7, 1)):
        split = make_split(smiles, "scaffold-balanced", seed=seed, fractions=fractions)
        assert [set(side) for side in sides(split)] == _chemprop_scaffold_split(smiles, fractions, seed)


def _chemprop_scaffold_split(smiles: list[str], sizes: tuple[float, float, float], seed: int) -> list[set[int]]:
    """The published procedure, on sets: large scaffolds shuffled, then small ones, each to the first side with room."""
    members: dict[str, set[int]] = {}
    for i, s in enumerate(smiles):
        members.setdefault(MurckoScaffoldSmiles(s), set()).add(i)
    room = [size * len(smiles) for size in sizes]
    is_large = {scaffold: len(rows) > room[1] / 2 or len(rows) > room[2] / 2 for scaffold, rows in members.items()}
    queues = [[s for s in members if is_large[s]], [s for s in members if not is_large[s]]]
    random.seed(seed)
    for queue in queues:
        random.shuffle(queue)
    result: list[set[int]] = [set(), set(), set()]
    for scaffold in queues[0] + queues[1]:
        fits = [k for k in (0, 1) if len(result[k]) + len(members[scaffold]) <= room[k]]
        result[fits[0] if fits else 2] |= members[scaffold]
    return result


def test_large_scaffolds_do_not_land_in_test():
    smiles = chains_on_rings(*[1] * 60, 40)
    for seed in range(10):
        split = make_split(smiles, "scaffold-balanced", seed=seed)
        assert set(range(60, 100)) <= set(split.train)


def test_molecules_without_a_ring_stay_together():
    smiles = ["C" * n for n in range(1, 9)] + chains_on_rings(1, 1, 1, 1, 1, 1)
    for method in SCAFFOLD_METHODS:
        split = make_split(smiles, method, seed=2, fractions=(0.6, 0.2, 0.2))
        assert set(range(8)) <= set(split.train)


def test_the_split_tells_how_it_was_made(bace):
    split = make_split(bace, "scaffold-balanced", seed=7)
    assert split.as_dict() == {
        "method": "scaffold-balanced",
        "seed": 7,
        "fractions": [0.8, 0.1, 0.1],
        "n_train": len(split.train),
        "n_valid": len(split.valid),
        "n_test": len(split.test),
    }


def test_an_empty_side_is_an_error_with_a_remedy():
    with pytest.raises(InputError, match="scaffold split of 5 molecules leaves train empty"):
        make_split(["C", "CC", "CCC", "CCCC", "CCCCC"], "scaffold")


def test_an_unknown_method_is_told_the_known():
    with pytest.raises(InputError, match="'cluster' is unknown; choose from random, scaffold, scaffold-balanced"):
        make_split(["C"], "cluster")


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.2), (1.1, -0.1, 0.0), (0.5, 0.5)])
def test_impossible_fractions_are_refused(fractions):
    with pytest.raises(InputError, match="fractions"):
        make_split(["C", "CC"], "random", fractions=fractions)
