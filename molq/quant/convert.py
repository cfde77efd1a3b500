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
from molq.quant.layers import HALF_TYPES, HalfLinear, IntLinear, QuantLayer
from molq.quant.observers import Observer, make_observer
from molq.quant.scheme import Scheme
from molq.quant.weights import channel_grid, group_grid

KEEP_FLOAT = {
    "readout.W": "one logit per atom enters an exponential; 1×d_h weights are too few to matter for size",
}


def quantize(model: Model, scheme: Scheme, calibration: Iterable[PackedGraphs] | None = None) -> Model:
    """A quantized copy of the float ``model``; layers in KEEP_FLOAT stay as they are.

    ``calibration`` is read once, batch by batch. Raises InputError when the scheme has static layers and there is
    none, UnsupportedError when the model is quantized already.
    """
    if model.scheme != "fp32":
        raise UnsupportedError(f"the model is {model.scheme} already; quantize the fp32 model it was made from")
    if scheme.needs_calibration:
        if calibration is None:
            raise InputError(f"scheme {scheme.name!r} takes activation ranges from a calibration set; give one")
        calibration = list(calibration)
        if not sum(batch.n_mols for batch in calibration):
            raise InputError("the calibration set has no molecule that can be read")
    return from_members([_quantize_member(member, scheme, calibration) for member in model.members])


def _quantize_member(predictor: Predictor, scheme: Scheme, calibration: Iterable[PackedGraphs] | None) -> Predictor:
    observers: dict[Site, Observer] = {}
    if scheme.needs_calibration and calibration is not None:
        observers = observe(predictor, calibration, lambda name: _observer_for(name, scheme))
    made = copy.deepcopy(predictor)
    for name, layer in list(made.named_modules()):
        if isinstance(layer, Linear) and name not in KEEP_FLOAT:
            replacement = _quantize_layer(name, layer, scheme.for_layer(name, _role(predictor, name)), observers)
            if replacement is not None:
                made.set_submodule(name, replacement)
    made.scheme = scheme.name
    return made.eval()


def _role(predictor: Predictor, name: str) -> str:
    """Role of a layer as schemes know it."""
    if name == f"head.layers.{len(predictor.config.head_hidden)}":
        return "output"
    return str(predictor.get_submodule(name).role)


def _observer_for(name: str, scheme: Scheme) -> Observer | None:
    if name in KEEP_FLOAT or scheme.for_layer(name).activations != "static":
        return None
    return make_observer(scheme.observer)


def _quantize_layer(name: str, layer: Linear, treatment: Scheme, observers: dict[Site, Observer]) -> QuantLayer | None:
    if treatment.weights == "fp32":
        return None
    if treatment.weights in HALF_TYPES:
        return HalfLinear.from_linear(layer, treatment.weights)
    activations = None if layer.role == "table" else treatment.activations
    ranges = None
    if activations == "static":
        ranges = [observers[name, site].range() for site in range(layer.sites)]
    weight = layer.weight.detach()
    grid = group_grid(weight) if treatment.weights == "int4" else channel_grid(weight)
    return IntLinear.from_linear(layer, grid, grid.nearest(weight), activations, ranges)
