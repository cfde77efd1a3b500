"""Ranges per call site, and the observer that serves a site best."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, slice_graphs, take
from molq.errors import InputError
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site
from molq.quant.convert import quantize
from molq.quant.observers import OBSERVERS, fake_quantize, make_observer
from molq.quant.ranges import activation_ranges, choose_observers
from molq.quant.scheme import SCHEMES

GRAPHS = featurize(DRUGS).graphs
INT8 = SCHEMES["int8"]


def predictor() -> Predictor:
    torch.manual_seed(0)
    return Predictor(default_config("dmpnn", ("a",), "regression", d_h=16)).eval()


def test_minmax_ranges_are_those_of_the_inputs() -> None:
    model = predictor()
    seen: list[torch.Tensor] = []
    model.encoder.W_h.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    ranges = activation_ranges(model, INT8, [GRAPHS])
    assert set(ranges) == {("encoder.W_h", 0), ("encoder.W_h", 1), ("encoder.W_o_msg", 0)}
    for site in (0, 1):
        assert ranges["encoder.W_h", site] == (seen[site].min().item(), seen[site].max().item())


def test_a_site_can_have_an_observer_of_its_own() -> None:
    model = predictor()
    plain = activation_ranges(model, INT8, [GRAPHS])
    mixed = activation_ranges(model, replace(INT8, site_observers=(("encoder.W_h:1", "percentile"),)), [GRAPHS])
    assert [site for site in plain if plain[site] != mixed[site]] == [("encoder.W_h", 1)]


def outlier_model() -> Predictor:
    """The first hidden channel of the head is huge for one molecule only, and does not count."""
    model = predictor()
    with torch.no_grad():
        model.head.layers[1].weight[:, 0] = 0
        z = model.pool(to_tensors(GRAPHS, model.feature_set))
        model.head.layers[0].weight[0] = 0
        model.head.layers[0].weight[0, int(z[0].argmax())] = 2e4
    return model


def test_auto_clips_where_clipping_serves_the_output() -> None:
    model = outlier_model()
    site = ("head.layers.1", 0)
    choice = choose_observers(model, [site], [GRAPHS])[site]
    assert set(choice.errors) == set(OBSERVERS)
    assert choice.observer == min(choice.errors, key=lambda name: choice.errors[name])
    assert choice.errors[choice.observer] <= choice.errors["minmax"]


SITES = [("encoder.W_h", 0), ("encoder.W_h", 1), ("head.layers.1", 0)]


def inputs_of(model: Predictor, site: Site, batch: PackedGraphs) -> torch.Tensor:
    """What reaches a call site."""
    seen: list[torch.Tensor] = []
    hook = model.get_submodule(site[0]).register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    with torch.no_grad():
        model(to_tensors(batch, model.feature_set))
    hook.remove()
    return seen[site[1]]


@pytest.mark.parametrize("sizes", [(5, 4, 3), (12,), (1, 1, 10)])
def test_an_observer_is_judged_by_every_fourth_molecule_that_it_did_not_see(sizes: tuple[int, ...]) -> None:
    model, stops = outlier_model(), np.cumsum([0, *sizes])
    batches = [slice_graphs(GRAPHS, a, b) for a, b in pairwise(stops)]
    parts = [np.arange(a, b) for a, b in pairwise(stops)]
    seen = [take(GRAPHS, part[part % 4 != 3]) for part in parts]
    held_out = take(GRAPHS, np.array([3, 7, 11]))
    chosen = choose_observers(model, SITES, batches)
    for site in SITES:
        weight = model.get_submodule(site[0]).weight.detach().double().numpy()
        exact = inputs_of(model, site, held_out)
        errors = {}
        for name in OBSERVERS:
            observer = make_observer(name)
            for batch in seen:
                observer.update(inputs_of(model, site, batch))
            wrong = (fake_quantize(exact, *observer.range()) - exact).double().numpy()
            errors[name] = ((wrong @ weight.T) ** 2).sum()
        assert chosen[site].errors == pytest.approx(errors, rel=1e-3)
        assert chosen[site].observer == min(errors, key=lambda name: errors[name])


@pytest.mark.parametrize("n", [1, 7, 8])
def test_few_molecules_are_observed_and_judge_all_of_them(n: int) -> None:
    model, site = predictor(), ("encoder.W_h", 0)
    several = [slice_graphs(GRAPHS, 0, n)] if n < 3 else [slice_graphs(GRAPHS, 0, 3), slice_graphs(GRAPHS, 3, n)]
    error = choose_observers(model, [site], several)[site].errors["minmax"]
    x = inputs_of(model, site, slice_graphs(GRAPHS, 0, n))
    wrong = fake_quantize(x, x.min().item(), x.max().item()) - x
    of_all = (wrong @ model.encoder.W_h.weight.T).double().square().sum().item()
    assert (error == pytest.approx(of_all, rel=1e-3)) is (n < 8)


def test_auto_is_no_worse_than_the_worst_and_repeatable() -> None:
    model = predictor()
    graph = to_tensors(GRAPHS, model.feature_set)
    with torch.no_grad():
        exact = model(graph)
        errors = {
            name: (quantize(model, replace(INT8, observer=name), [GRAPHS])(graph) - exact).square().mean().item()
            for name in (*OBSERVERS, "auto")
        }
    assert errors["auto"] <= np.median([errors[name] for name in OBSERVERS]) * 1.05
    states = [quantize(model, replace(INT8, observer="auto"), [GRAPHS]).state_dict() for _ in range(2)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_headroom_serves_molecules_larger_than_those_of_the_set() -> None:
    model = predictor()
    small, large = [featurize(["CCO", "CC(C)N", "C1CCCC1", "CC=O"]).graphs], to_tensors(GRAPHS, model.feature_set)
    with torch.no_grad():
        exact = model(large)
        errors = [
            (quantize(model, replace(INT8, observer=name), small)(large) - exact).square().mean().item()
            for name in ("minmax", "headroom")
        ]
    assert errors[1] < 0.8 * errors[0]


def test_few_molecules_and_molecules_without_bonds() -> None:
    auto = replace(INT8, observer="auto")
    assert quantize(predictor(), auto, [featurize(["CCO"]).graphs]).scheme == "int8"
    alone = featurize(["C"] * 20).graphs
    with pytest.raises(InputError, match=r"encoder\.W_h, call site 0: no activations"):
        quantize(predictor(), auto, [alone])


def test_unknown_observers_are_named() -> None:
    with pytest.raises(InputError, match="nonsense"):
        quantize(predictor(), replace(INT8, observer="nonsense"), [GRAPHS])
    with pytest.raises(InputError, match="nonsense"):
        quantize(predictor(), replace(INT8, site_observers=(("*", "nonsense"),)), [GRAPHS])
    with pytest.raises(InputError, match=r"'x:\*' matches no call site; they are encoder.W_h:0"):
        quantize(predictor(), replace(INT8, site_observers=(("x:*", "mse"),)), [GRAPHS])
    with pytest.raises(InputError, match="int8-dynamic has none of a fixed range"):
        quantize(predictor(), replace(SCHEMES["int8-dynamic"], site_observers=(("x:*", "mse"),)))


def test_an_override_may_spare_the_layer_that_an_observer_names() -> None:
    spared = replace(INT8, site_observers=(("encoder.W_h:*", "mse"),)).with_overrides(("encoder.W_h", "fp16"))
    made = quantize(predictor(), spared, [GRAPHS])
    assert made.members[0].encoder.W_h.weights == "fp16"
