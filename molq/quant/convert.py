"""Quantization after training: a predictor in, its quantized copy out."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, NamedTuple

from molq.chem.packed import PackedGraphs
from molq.errors import InputError, UnsupportedError
from molq.nn.ensemble import Network, from_members
from molq.nn.linear import EXACT_INPUTS
from molq.nn.predictor import Predictor
from molq.nn.torch_state import torch_state
from molq.progress import SILENT, Progress, Steps
from molq.quant.equalize import equalize
from molq.quant.fit import fit_weights
from molq.quant.layers import HALF_TYPES, HalfLinear, IntLinear
from molq.quant.observers import check_observer
from molq.quant.ranges import activation_ranges, check_site_observers
from molq.quant.rounding import check_rounding
from molq.quant.scheme import Scheme
from molq.quant.treatment import KEEP_FLOAT, treatments

__all__ = ["KEEP_FLOAT", "Quantized", "quantize", "quantize_with_start"]


def quantize(network: Network, scheme: Scheme, calibration: Iterable[PackedGraphs] | None = None) -> Network:
    """A quantized copy of the float ``network``; layers in KEEP_FLOAT stay as they are.

    Raises as ``quantize_with_start`` does.
    """
    return quantize_with_start(network, scheme, calibration).network


class Quantized(NamedTuple):
    """A quantized model and where its integers come from."""

    network: Network
    start: Network
    """the float model of the same function whose weights were rounded: with scales migrated, if the scheme says so"""


def quantize_with_start(
    network: Network, scheme: Scheme, calibration: Iterable[PackedGraphs] | None = None, progress: Progress = SILENT
) -> Quantized:
    """The float ``network`` quantized, and the float model whose weights were rounded.

    ``calibration`` is kept as packed graphs and run batch by batch, once per layer when the scheme learns; ``progress``
    is told the layers done. Raises InputError when the scheme needs a calibration set and there is none, names a call
    site that is not there, or learns and has no integers; UnsupportedError when the model is quantized already.
    """
    if network.scheme != "fp32":
        raise UnsupportedError(f"the model is {network.scheme} already; quantize the fp32 model it was made from")
    check_rounding(scheme.rounding)
    for name in (scheme.observer, *(name for _, name in scheme.site_observers)):
        check_observer(name)
    check_site_observers(network.members[0], scheme)
    if scheme.learns and not scheme.has_integers:
        raise InputError(
            f"scheme {scheme.name!r} has no integer weights to fit; leave `rounding` and `bias_correction` out"
        )
    batches: list[PackedGraphs] = []
    if scheme.needs_calibration:
        if calibration is None:
            what = "activation ranges" if scheme.has_static_layers else "what its weights are fitted to"
            raise InputError(f"scheme {scheme.name!r} takes {what} from a calibration set; name it with `calibset`")
        batches = list(calibration)
        if not sum(batch.n_mols for batch in batches):
            raise InputError("the calibration set has no molecule that can be read")
    with torch_state():
        starts = [equalize(member, batches) if scheme.equalize else member for member in network.members]
        steps = Steps(sum(len(treatments(start, scheme)) for start in starts), progress)
        made = [_quantize_member(start, scheme, batches, steps) for start in starts]
    return Quantized(from_members(made), from_members(starts))


def _quantize_member(predictor: Predictor, scheme: Scheme, calibration: list[PackedGraphs], steps: Steps) -> Predictor:
    ranges = activation_ranges(predictor, scheme, calibration) if scheme.has_static_layers else {}
    made = copy.deepcopy(predictor).eval()
    for name, treatment in treatments(predictor, scheme).items():
        layer: Any = predictor.get_submodule(name)
        if treatment.weights in HALF_TYPES:
            made.set_submodule(name, HalfLinear.from_linear(layer, treatment.weights))
        elif treatment.weights != "fp32":
            activations = None if layer.role in EXACT_INPUTS else treatment.activations
            sites = [ranges[name, site] for site in range(layer.sites)] if activations == "static" else None
            grid, codes = fit_weights(name, predictor, made, treatment, sites, calibration)
            changed: Any = made.get_submodule(name)  # its bias may have been corrected
            made.set_submodule(name, IntLinear.from_linear(changed, grid, codes, activations, sites))
        steps.advance()
    made.scheme = scheme.name
    return made
