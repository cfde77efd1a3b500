import copy

import numpy as np
import pytest
from small import small_model

from molq.chem.packed import take
from molq.engine.engine import Engine
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme
from molq.workflows.compare.probe import read_probe
from molq.workflows.validity.outcome import STATISTICS, Outcome, with_ranges
from molq.workflows.validity.profile import Profiler

INT8 = get_scheme("int8")


@pytest.fixture(scope="module")
def graphs(folder, model):
    return read_probe(str(folder / "table.csv"), model, side=None).graphs


def _ranges(model, graphs):
    profiler = Profiler(model, INT8)
    found = profiler.together(graphs)
    return [{site.site: (float(found.low[i]), float(found.high[i])) for i, site in enumerate(profiler.sites)}]


def test_other_ranges_give_the_model_quantized_on_the_set(folder, graphs):
    model = small_model(folder, architecture="gine", name="outcome").network
    first, second = take(graphs, np.arange(40)), take(graphs, np.arange(40, 90))
    made = with_ranges(quantize(model, INT8, [first]), _ranges(model, second))
    expected = Engine(quantize(model, INT8, [second])).scores(graphs)
    np.testing.assert_allclose(Engine(made).scores(graphs), expected, atol=1e-4)
    assert not np.array_equal(Engine(quantize(model, INT8, [first])).scores(graphs), expected)


def test_narrow_ranges_disagree_with_the_float_model(model, graphs):
    outcome, ranges = Outcome(model.network, INT8, graphs), _ranges(model.network, graphs)
    narrow = [{site: (low / 20, high / 20) for site, (low, high) in ranges[0].items()}]
    wide, cut = outcome.statistics(ranges), outcome.statistics(narrow)
    assert len(wide) == len(STATISTICS)
    assert (cut[:3] > 5 * wide[:3]).all()
    assert cut[3] >= wide[3]


def test_a_quantized_model_whose_scores_are_all_equal_has_lost_the_order(monkeypatch, model, graphs):
    outcome, ranges = Outcome(model.network, INT8, graphs), _ranges(model.network, graphs)
    monkeypatch.setattr(Engine, "scores", lambda _engine, graphs: np.full((graphs.n_mols, 1), 0.5, np.float32))
    assert outcome.statistics(ranges)[0] == 1


def test_a_model_whose_scores_are_all_equal_agrees_with_itself(model, graphs):
    flat = copy.deepcopy(model.network)
    for parameter in flat.head.layers[-1].parameters():
        parameter.data.zero_()
    assert Outcome(flat, INT8, graphs).statistics(_ranges(flat, graphs)).tolist() == [0, 0, 0, 0]
