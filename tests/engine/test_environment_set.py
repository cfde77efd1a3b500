from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcNumRings

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, empty_graphs
from molq.data.labels import load_dataset
from molq.engine import environment_set as module
from molq.engine.environment_set import (
    SLOTS,
    EnvironmentSet,
    atom_environments,
    environment_set,
    environment_set_from,
)
from molq.engine.environments import EdgeEnvironments
from molq.engine.scratch import Scratch
from molq.engine.walk import Vocabulary, walk_over
from molq.errors import InputError


def graphs_of(smiles: Sequence[str]) -> PackedGraphs:
    return featurize(smiles).graphs


def same_partition(left: Sequence[Any], right: Sequence[Any]) -> bool:
    pairs = set(zip(left, right, strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def contents(graphs: PackedGraphs, radius: int) -> list[Any]:
    """What each atom sees, spelled out: its descriptor, and sorted bonds with what the neighbours see."""
    around: list[list[tuple[int, int]]] = [[] for _ in graphs.atoms]
    for bond, (u, v) in zip(graphs.bonds.tolist(), graphs.ends.tolist(), strict=True):
        around[u].append((bond, v))
        around[v].append((bond, u))
    seen: list[Any] = graphs.atoms.tolist()
    for _ in range(radius):
        seen = [(seen[v], tuple(sorted((b, repr(seen[u])) for b, u in around[v]))) for v in range(len(seen))]
    return [repr(one) for one in seen]


@pytest.mark.parametrize("radius", [0, 1, 2, 3])
def test_environments_are_told_apart_by_their_content_alone(radius: int) -> None:
    graphs = graphs_of(load_dataset("bace").smiles[:25] + load_dataset("esol").smiles[:60])
    found = atom_environments(graphs, radius)
    assert same_partition(found.tolist(), contents(graphs, radius))


def test_of_molecules_without_rings_they_are_the_environments_of_rdkit() -> None:
    """A fragment around each atom, written by RDKit with descriptors for symbols."""
    smiles = [s for s in load_dataset("esol").smiles if CalcNumRings(Chem.MolFromSmiles(s)) == 0][:120]
    graphs = graphs_of(smiles)
    found = atom_environments(graphs, 2).tolist()
    told = []
    for i, text in enumerate(smiles):
        mol = Chem.MolFromSmiles(text)
        atoms = [f"[{d:x}]" for d in graphs.atoms[graphs.atom_ptr[i] : graphs.atom_ptr[i + 1]].tolist()]
        bonds = [f"<{d}>" for d in graphs.bonds[graphs.bond_ptr[i] : graphs.bond_ptr[i + 1]].tolist()]
        for atom in range(mol.GetNumAtoms()):
            near = list(Chem.FindAtomEnvironmentOfRadiusN(mol, 2, atom, enforceSize=False))
            ends = {end for k in near for end in graphs.ends[graphs.bond_ptr[i] + k].tolist()}
            within = sorted({end - int(graphs.atom_ptr[i]) for end in ends} | {atom})
            told.append(Chem.MolFragmentToSmiles(mol, within, near, atoms, bonds, rootedAtAtom=atom))
    assert same_partition(found, told)


def test_at_the_radius_of_its_depth_they_are_what_a_dmpnn_tells_apart() -> None:
    graphs = graphs_of(load_dataset("bace").smiles[:200])
    scratch = Scratch()
    numbers = EdgeEnvironments(Vocabulary(), 3, False, 1 << 20).number(walk_over(graphs, scratch), scratch)
    assert same_partition(atom_environments(graphs, 3).tolist(), numbers.tolist())


def test_hashes_are_those_that_files_were_written_with() -> None:
    """Files hold slots of these numbers: another number is another format."""
    assert [hex(h) for h in atom_environments(graphs_of(["CCO"]), 2).tolist()] == PINNED


PINNED = ["0xd2c9cc1a3a4a93cf", "0x26d0c4fc67be00d6", "0x6f608d6decf40ef7"]


def test_molecules_may_come_in_any_company() -> None:
    smiles = load_dataset("esol").smiles[:20]
    together = atom_environments(graphs_of(smiles), 2)
    alone = np.concatenate([atom_environments(graphs_of([s]), 2) for s in smiles])
    assert np.array_equal(together, alone)
    assert len(atom_environments(empty_graphs(), 2)) == 0


def hashes(n: int, seed: int = 0) -> NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 1 << 64, n, dtype=np.uint64)


def test_what_is_held_is_found_and_of_the_rest_all_but_one_in_256_is_not() -> None:
    held = hashes(5_000)
    found = environment_set(np.repeat(held, 3))
    assert found.n == 5_000
    assert found.holds(held).all()
    share = found.holds(hashes(500_000, 1)).mean()
    assert 0.9 / SLOTS < share <= 1.05 / SLOTS


@pytest.mark.parametrize("n", [0, 1, 2, 100, 4_321])
def test_a_set_comes_back_from_its_bytes_of_ten_bits_each(n: int) -> None:
    made = environment_set(hashes(n))
    data = made.to_bytes()
    assert len(data) <= n + n / 4 + 1
    back = environment_set_from(data, made.n, len(made.slots))
    assert back.n == made.n
    assert np.array_equal(back.slots, made.slots)
    assert not n or back.holds(hashes(n)).all()
    assert not environment_set(hashes(0)).holds(hashes(3)).any()


def test_bytes_that_are_no_set_are_refused() -> None:
    made = environment_set(hashes(300))
    data, n, m = made.to_bytes(), made.n, len(made.slots)
    torn = bytearray(data)
    torn[-10] ^= 255
    equal = bytes(m) + data[m:]
    for broken, count, slots in (
        (data[:-1], n, m),
        (data + b"x", n, m),
        (data, n - 9, m),
        (data, n, m - 1),
        (bytes(torn), n, m),
        (equal, n, m),
        (b"", 1, 1),
        (b"", -1, 0),
        (b"", 1 << 40, 1 << 40),
    ):
        with pytest.raises(InputError, match="environments"):
            environment_set_from(broken, count, slots)


def test_of_too_many_those_met_most_often_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENVIRONMENTS", 100)
    often, once = hashes(100), hashes(1_000, 1)
    found = environment_set(np.concatenate([once, often, often]))
    assert found.n == 100
    assert found.holds(often).all()
    assert found.holds(once).mean() < 0.02


def test_the_empty_set_holds_nothing() -> None:
    empty = EnvironmentSet(0, np.empty(0, np.uint64))
    assert empty.to_bytes() == b""
    assert environment_set_from(b"", 0, 0).n == 0
