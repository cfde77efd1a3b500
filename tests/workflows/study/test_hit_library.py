from __future__ import annotations

import numpy as np

from molq.chem.packed import take
from molq.chem.recipe import PLAIN
from molq.results.study import LibrarySection
from molq.workflows.study import hit_library as library


def test_a_small_library_is_taken_whole(folder):
    found = library.hit_library(str(folder / "library.smi"), PLAIN)
    assert (found.n_rows, found.graphs.n_mols, found.n_rejected) == (60, 60, 0)
    assert found.smiles == (folder / "library.smi").read_text().split()


def test_a_large_library_is_a_seeded_draw_in_file_order(folder, monkeypatch):
    whole = library.hit_library(str(folder / "library.smi"), PLAIN)
    monkeypatch.setattr(library, "SAMPLE", 20)
    first, again, other = (library.hit_library(str(folder / "library.smi"), PLAIN, seed=s) for s in (1, 1, 2))
    assert first.section == LibrarySection(str(folder / "library.smi"), 60, 20, 0)
    chosen = np.sort(np.random.default_rng(1).choice(60, 20, replace=False))
    assert np.array_equal(first.graphs.atoms, take(whole.graphs, chosen).atoms)
    assert np.array_equal(first.graphs.atoms, again.graphs.atoms)
    assert not np.array_equal(first.graphs.atom_ptr, other.graphs.atom_ptr)
