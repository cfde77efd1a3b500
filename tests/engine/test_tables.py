"""Tables hold the layer's output for every descriptor, the same bits however they were filled."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, network

from molq.chem.features import FEATURE_SETS, FeatureTable
from molq.chem.featurize import featurize
from molq.engine.environments import Level
from molq.engine.tables import AtomTable, GrowingRows, LevelRows, bond_table
from molq.nn.linear import Linear

ATOMS = np.unique(featurize(DRUGS).graphs.atoms)
FINGERPRINTS = np.random.default_rng(0).integers(0, 2**63, (10, 2)).astype(np.uint64)
BONDS = np.unique(featurize([*DRUGS, "F/C=C/F", "F/C=C\\F", "[Re]$[Re]"]).graphs.bonds)


def exact(layer: Linear, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        rows = torch.nn.functional.linear(torch.from_numpy(x).double(), layer.weight.double())
        return (rows if layer.bias is None else rows + layer.bias.double()).float().numpy()


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_tables_are_the_layer_in_float64_rounded_once(name: str) -> None:
    features = FeatureTable(name)
    torch.manual_seed(0)
    atom, bond = Linear(features.d_v, 24, True, "table"), Linear(features.d_e, 24, False, "table")
    np.testing.assert_array_max_ulp(AtomTable(atom, features).rows(ATOMS), exact(atom, features.atoms(ATOMS)), maxulp=1)
    np.testing.assert_array_max_ulp(bond_table(bond, features)[BONDS], exact(bond, features.bonds(BONDS)), maxulp=1)


@pytest.mark.parametrize("scheme", ["int8", "w4a8", "fp16"])
def test_the_table_of_a_quantized_layer_holds_its_quantized_numbers(scheme: str) -> None:
    layer = network(VARIETY[0], scheme).encoder.W_i_atom
    features = FeatureTable("V2")
    x = features.atoms(ATOMS)
    np.testing.assert_allclose(
        AtomTable(layer, features).rows(ATOMS), layer(torch.from_numpy(x)).numpy(), rtol=1e-5, atol=1e-6
    )


def test_rows_have_the_same_bits_however_they_were_filled() -> None:
    features, layer = FeatureTable("V2"), Linear(72, 300, True, "table")
    at_once = AtomTable(layer, features).rows(ATOMS)
    grown = AtomTable(layer, features)
    for n in (1, 2, 7, len(ATOMS)):
        assert np.array_equal(grown.rows(ATOMS[:n]), at_once[:n])
    assert np.array_equal(grown.rows(ATOMS), at_once)


def test_bonds_that_cannot_occur_have_no_row() -> None:
    table = bond_table(Linear(14, 3, True, "table"), FeatureTable("V2"))
    finite = np.isfinite(table).all(1)
    assert finite[BONDS].all()
    assert finite.sum() == 5 * 2 * 2 * 7
    assert not finite[5]  # there is no bond of type 5
    assert np.isnan(table[~finite]).all()


def test_growing_rows_keep_what_they_hold() -> None:
    rows = GrowingRows(3, np.int32)
    for n in (4, 200, 300, 5000):
        first = rows.n
        rows.extend(n)[:] = np.arange(first, n)[:, None]
        assert np.array_equal(rows.array, np.repeat(np.arange(n)[:, None], 3, axis=1))


def test_rows_stay_with_the_environments_that_stay() -> None:
    level = Level(4)
    rows = LevelRows(level, 2)

    def show(*environments: int) -> list[int]:
        level.begin()
        numbers, new = level.intern(FINGERPRINTS, np.array(environments, np.int32))
        rows.new()[:] = new[:, None]
        return rows.array[numbers, 0].astype(int).tolist()

    assert show(0, 1, 2, 0, 1) == [0, 1, 2, 0, 1]
    assert show(3, 4, 1) == [3, 4, 1]
    assert show(1, 5) == [1, 5]  # five were known, of which 0 and 1 had been met again
    assert level.n == 3
    assert show(0, 2) == [0, 2]
