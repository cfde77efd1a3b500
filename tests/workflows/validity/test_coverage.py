import math

import numpy as np
import pytest
import torch

from molq.chem.featurize import featurize
from molq.chem.packed import take
from molq.quant.calibrate import observe
from molq.quant.observers import fake_quantize
from molq.quant.scheme import get_scheme
from molq.workflows.compare.probe import read_probe
from molq.workflows.validity.coverage import LibraryActivations, SiteCoverage, _quantile, site_statistics
from molq.workflows.validity.profile import Profiler


class _Keep:
    """An observer that keeps everything."""

    def __init__(self):
        self.values = []

    def update(self, x):
        self.values.append(x.clone().flatten())

    def range(self):
        raise NotImplementedError


@pytest.fixture(scope="module")
def graphs(folder, model):
    return read_probe(str(folder / "table.csv"), model, side=None).graphs


@pytest.fixture(scope="module")
def profiler(model):
    return Profiler(model.network, get_scheme("int8"))


@pytest.fixture(scope="module")
def library(profiler, graphs):
    return LibraryActivations(profiler, graphs)


def _covered(library, index):
    found = library.profiles.together(library.profiler.n_channels, index)
    return library.coverage(found, found.counts)


def test_statistics_are_what_plain_arithmetic_gives(library, profiler, graphs, model):
    index = np.arange(12)
    found = _covered(library, index)
    kept = {site.site: _Keep() for site in profiler.sites}
    own = {site.site: _Keep() for site in profiler.sites}
    rest = {site.site: _Keep() for site in profiler.sites}
    observe(model.network, [graphs], kept)
    observe(model.network, [take(graphs, index)], own)
    observe(model.network, [take(graphs, np.arange(12, graphs.n_mols))], rest)
    for site, (beyond, ratio, sqnr, silent) in zip(profiler.sites, found, strict=True):
        x, ours = torch.cat(kept[site.site].values).double(), torch.cat(own[site.site].values).double()
        others = torch.cat(rest[site.site].values).double()
        low, high = min(float(ours.min()), 0.0), max(float(ours.max()), 0.0)
        step = (high - low) / 255
        x = x[x != 0]
        assert beyond == pytest.approx(float(((x < low - step / 2) | (x > high + step / 2)).double().mean()), abs=2e-4)
        noise = ((fake_quantize(x, low, high) - x) ** 2).sum()
        assert sqnr == pytest.approx(10 * math.log10((x**2).sum() / noise), abs=0.5)
        if len(ours) > 10_000:  # of fewer values the quantile lies between two of them
            quantile = [np.quantile(np.abs(v[v != 0].numpy()), 0.999) for v in (others, ours)]
            assert ratio == pytest.approx(quantile[0] / quantile[1], rel=0.03)
        assert 0 <= silent < 1


def test_molecules_of_the_set_are_left_out_of_the_library(library, profiler, graphs):
    own, rest = (
        library.profiles.together(profiler.n_channels, i) for i in (np.arange(120), np.arange(120, graphs.n_mols))
    )
    found = library.coverage(own, own.counts)
    for i, site in enumerate(found):
        assert site.quantile_ratio == pytest.approx(_quantile(rest.counts[i]) / _quantile(own.counts[i]))
    assert [site.quantile_ratio for site in library.coverage(own, 0 * own.counts)] != [s.quantile_ratio for s in found]


def test_the_whole_library_covers_itself(library, graphs):
    for beyond, _, sqnr, silent in _covered(library, np.arange(graphs.n_mols)):
        assert (beyond, silent) == (0, 0)
        assert sqnr > 25


def test_a_set_that_reaches_no_site_covers_nothing_of_it(library, profiler):
    summary = profiler.together(featurize(["C"] * 10).graphs)  # no bonds, so no messages
    first = library.coverage(summary, summary.counts)[0]
    assert (first.beyond_range, first.quantile_ratio, first.sqnr) == (1, 1000, 0)
    assert first.silent_channels > 0.3


def test_there_is_a_statistic_for_every_field(profiler):
    statistics = site_statistics(profiler.sites[0])
    assert [statistic.kind for statistic in statistics] == list(SiteCoverage._fields)
    assert len({s.name for site in profiler.sites for s in site_statistics(site)}) == 4 * len(profiler.sites)
