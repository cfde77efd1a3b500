import numpy as np
import pytest
import torch
from msgspec.structs import replace
from small import small_model

from molq.chem.featurize import featurize
from molq.chem.packed import take
from molq.chem.recipe import Recipe
from molq.nn.predictor import Predictor
from molq.quant.calibrate import observe
from molq.quant.observers import MinMax
from molq.quant.scheme import get_scheme
from molq.workflows.compare.probe import read_probe
from molq.workflows.validity.kernels import N_BINS, bin_edges, gather_largest
from molq.workflows.validity.profile import Profiler

INT8 = get_scheme("int8")


@pytest.fixture(scope="module", params=["dmpnn", "attentivefp"])
def predictor(folder, request):
    return small_model(folder, architecture=request.param, name=f"profile-{request.param}").network


@pytest.fixture(scope="module")
def graphs(folder, model):
    return read_probe(str(folder / "table.csv"), model, side=None).graphs


def test_a_set_is_the_sum_of_its_molecules(predictor, graphs):
    profiler = Profiler(predictor, INT8)
    index = np.random.default_rng(0).choice(graphs.n_mols, 40, replace=False)
    summed = profiler.profiles(graphs).together(profiler.n_channels, index)
    together = profiler.together(take(graphs, index))
    torch.testing.assert_close(torch.from_numpy(summed.low), torch.from_numpy(together.low), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(torch.from_numpy(summed.high), torch.from_numpy(together.high), rtol=1e-5, atol=1e-6)
    assert np.abs(summed.counts - together.counts).sum() <= 1e-3 * summed.counts.sum()  # rounding moves a few bins
    np.testing.assert_array_equal(summed.excited, together.excited)


def test_rows_are_told_apart_in_a_network_of_explicit_hydrogens(predictor):
    config = replace(predictor.config, recipe=Recipe(hydrogens="explicit"))
    profiler = Profiler(Predictor(config).eval(), INT8)
    assert set(profiler._row_kinds.values()) == set(Profiler(predictor, INT8)._row_kinds.values())


def test_ranges_are_those_that_the_observer_sees(predictor, graphs):
    profiler = Profiler(predictor, INT8)
    seen = observe(predictor, [graphs], {site.site: MinMax() for site in profiler.sites})
    found = profiler.together(graphs)
    for i, site in enumerate(profiler.sites):
        low, high = seen[site.site].range()
        assert (min(low, 0), max(high, 0)) == pytest.approx((found.low[i], found.high[i]), rel=1e-5, abs=1e-6)


def test_every_value_but_zeros_is_counted_in_its_bin(predictor, graphs):
    profiler, values = Profiler(predictor, INT8), {}
    found = profiler.profiles(take(graphs, np.arange(5)), see=lambda site, x, _: values.setdefault(site, x.numpy()))
    for i, site in enumerate(profiler.sites):
        magnitudes = np.abs(values[site][values[site] != 0]).astype(np.float64)
        expected = np.histogram(np.clip(magnitudes, bin_edges()[0], bin_edges()[-2]), bin_edges())[0]
        np.testing.assert_array_equal(found.counts[:, i].sum(axis=0), expected)
        np.testing.assert_array_equal(found.low[:, i].min(), min(values[site].min(), 0))


def test_molecules_without_bonds_are_profiled(predictor):
    lone = featurize(["C", "O", "[Na+].[Cl-]"]).graphs
    profiler = Profiler(predictor, INT8)
    found = profiler.profiles(lone)
    assert found.counts.shape == (3, len(profiler.sites), N_BINS)
    assert np.isfinite(found.high).all()


def test_bins_are_eight_to_the_octave():
    edges = bin_edges()
    assert len(edges) == N_BINS + 1
    assert edges[0] == 2.0**-16
    np.testing.assert_array_equal(edges[8:], 2 * edges[:-8])


def test_largest_magnitudes_per_channel():
    largest = np.full((2, 2), 0.5, np.float32)
    gather_largest(np.array([[1, -3], [0, 2], [-4, 0]], np.float32), np.array([0, 0, 1]), largest)
    np.testing.assert_array_equal(largest, [[1, 3], [4, 0.5]])
