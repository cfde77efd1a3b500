"""Quantization after training: a predictor in, its quantized copy out."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from molq.chem.packed import PackedGraphs
from molq.errors import InputError, UnsupportedError
from molq.nn.ensemble import Model, from_members
from molq.nn.linear import Linear
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, observe
from molq.quant.equalize import equalize
from molq.quant.fit import fit_weights
from molq.quant.layers import HALF_TYPES, HalfLinear, IntLinear
from molq.quant.observers import Observer, make_observer
from molq.quant.rounding import check_rounding
from molq.quant.scheme import Scheme

KEEP_FLOAT = {
    "readout.W": "one logit per atom enters an exponential; 1×d_h weights are too few to matter for size",
}


def quantize(model: Model, scheme: Scheme, calibration: Iterable[PackedGraphs] | None = None) -> Model:
    """A quantized copy of the float ``model``; layers in KEEP_FLOAT stay as they are.

    ``calibration`` is kept as packed graphs and run batch by batch, once per layer when the scheme learns. Raises
    InputError when the scheme needs a calibration set and there is none, UnsupportedError when the model is quantized
    already.
    """
    if model.scheme != "fp32":
        raise UnsupportedError(f"the model is {model.scheme} already; quantize the fp32 model it was made from")
    check_rounding(scheme.rounding)
    batches: list[PackedGraphs] = []
    if scheme.needs_calibration:
        if calibration is None:
            what = "activation ranges" if scheme.has_static_layers else "what its weights are fitted to"
            raise InputError(f"scheme {scheme.name!r} takes {what} from a calibration set; give one")
        batches = list(calibration)
        if not sum(batch.n_mols for batch in batches):
            raise InputError("the calibration set has no molecule that can be read")
    return from_members([_quantize_member(member, scheme, batches) for member in model.members])


def _quantize_member(predictor: Predictor, scheme: Scheme, calibration: list[PackedGraphs]) -> Predictor:
    if scheme.equalize:
        predictor = equalize(predictor, calibration)
    ranges = {}
    if scheme.has_static_layers:
        observers = observe(predictor, calibration, lambda site: _observer_for(predictor, site, scheme))
        ranges = {site: observer.range() for site, observer in observers.items()}
    made = copy.deepcopy(predictor).eval()
    for name, layer in list(made.named_modules()):
        if not isinstance(layer, Linear) or name in KEEP_FLOAT:
            continue
        treatment = scheme.for_layer(name, layer_role(predictor, name))
        if treatment.weights in HALF_TYPES:
            made.set_submodule(name, HalfLinear.from_linear(layer, treatment.weights))
        elif treatment.weights != "fp32":
            activations = None if layer.role == "table" else treatment.activations
            sites = [ranges[name, site] for site in range(layer.sites)] if activations == "static" else None
            grid, codes = fit_weights(name, predictor, made, treatment, sites, calibration)
            made.set_submodule(name, IntLinear.from_linear(layer, grid, codes, activations, sites))
    made.scheme = scheme.name
    return made


def layer_role(predictor: Predictor, name: str) -> str:
    """Role of a layer as schemes know it."""
    if name == f"head.layers.{len(predictor.config.head_hidden)}":
        return "output"
    return str(predictor.get_submodule(name).role)


def _observer_for(predictor: Predictor, site: Site, scheme: Scheme) -> Observer | None:
    name = site[0]
    if name in KEEP_FLOAT or scheme.for_layer(name, layer_role(predictor, name)).activations != "static":
        return None
    return make_observer(scheme.observer)
