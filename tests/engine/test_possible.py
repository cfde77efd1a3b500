"""Graphs that no molecule has are refused before anything is read out of bounds."""

from __future__ import annotations

import numpy as np
import pytest
from molecules import DRUGS
from variety import VARIETY, network

from molq.chem.featurize import featurize
from molq.chem.packed import ATOM_FIELDS, BOND_FIELDS, PackedGraphs, empty_graphs
from molq.chem.rdkit_featurize import featurize_with_rdkit
from molq.engine.engine import Engine
from molq.engine.possible import require_extras, require_possible
from molq.errors import InputError

GRAPHS = featurize(DRUGS).graphs
ODD = ["[Og]", "*", "[238U]", "[Fe+9]", "F[As-](F)(F)(F)(F)F", "[2H]C", "C->[Pt]", "C~C", "O[PH5]", "[U+16]", "[H][H]"]
AT = int(np.flatnonzero(np.diff(GRAPHS.bond_ptr) > 2)[1])
"""a molecule with some bonds, not the first"""
BEYOND = {
    "atoms": [119, 7 << 8, 5 << 17, 6 << 20, 8 << 24, 1 << 29, 1 << 63],
    "bonds": [5, 7, 7 << 5, 1 << 8, 1 << 15],
}


def changed(name: str, at: object, value: int) -> PackedGraphs:
    array = getattr(GRAPHS, name).copy()
    array[at] = value
    return GRAPHS._replace(**{name: array})


def test_whatever_rdkit_reads_is_possible() -> None:
    require_possible(GRAPHS)
    require_possible(empty_graphs())
    odd = featurize_with_rdkit(ODD)
    assert odd.graphs.n_mols > 8
    require_possible(odd.graphs)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BEYOND.items() for value in values])
def test_a_descriptor_beyond_its_limits_is_refused_by_its_molecule(name: str, value: int) -> None:
    ptr = GRAPHS.atom_ptr if name == "atoms" else GRAPHS.bond_ptr
    with pytest.raises(InputError, match=f"molecule {AT} of these packed graphs"):
        require_possible(changed(name, ptr[AT], value))


def test_every_bit_that_a_field_holds_is_known() -> None:
    used = sum(((1 << field.width) - 1) << field.shift for field in ATOM_FIELDS.values())
    for bit in range(64):
        if not used >> bit & 1:
            with pytest.raises(InputError):
                require_possible(changed("atoms", 0, 1 << bit))
    assert sum(((1 << field.width) - 1) << field.shift for field in BOND_FIELDS.values()) == 0xFF


@pytest.mark.parametrize("end", [-1, 10**6, "next", "same"])
def test_a_bond_that_leaves_its_molecule_is_refused(end: int | str) -> None:
    first = GRAPHS.bond_ptr[AT]
    value = {"next": GRAPHS.atom_ptr[AT + 1], "same": GRAPHS.ends[first, 1]}.get(end, end)
    with pytest.raises(InputError, match=f"molecule {AT} of"):
        require_possible(changed("ends", (first, 0), value))


@pytest.mark.parametrize("name", ["atom_ptr", "bond_ptr"])
@pytest.mark.parametrize(("at", "value"), [(0, 1), (0, -1), (-1, 10**6), (2, 10**6), (2, -5)])
def test_pointers_rise_from_nothing_to_all(name: str, at: int, value: int) -> None:
    with pytest.raises(InputError, match="pointers"):
        require_possible(changed(name, at, value))


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    for odd in (GRAPHS._replace(ends=GRAPHS.ends[:-1]), GRAPHS._replace(bond_ptr=GRAPHS.bond_ptr[:-1])):
        with pytest.raises(InputError, match="belong together"):
            require_possible(odd)


def test_molecules_and_what_stands_beside_them_belong_together() -> None:
    with pytest.raises(InputError, match="one row of molecule features for each"):
        require_possible(GRAPHS._replace(extras=np.zeros((3, 2), np.float32)))
    require_extras(GRAPHS, 0)
    require_extras(empty_graphs(), 7)
    require_extras(GRAPHS._replace(extras=np.zeros((GRAPHS.n_mols, 7), np.float32)), 7)
    with pytest.raises(InputError, match="bring 0 molecule features and the model takes 7"):
        require_extras(GRAPHS, 7)


def test_the_engine_refuses_them_and_goes_on_as_before() -> None:
    engine = Engine(network(VARIETY[0], "int8"))
    expected = engine.scores(GRAPHS)
    with pytest.raises(InputError):
        engine.scores(changed("ends", (0, 0), np.iinfo(np.int32).max))
    assert np.array_equal(engine.scores(GRAPHS), expected)
