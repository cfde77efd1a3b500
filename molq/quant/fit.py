"""Integer weights of one layer, fitted to what flows through it.

Layers are fitted in the order in which they run. Each first moves its weights, and its bias if it has one, to where
they make up best for the errors of the layers before it (least squares on the calibration set), and is then rounded.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.nn.linear import EXACT_INPUTS, Linear
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site
from molq.quant.moments import Moments, input_moments
from molq.quant.observers import fake_quantize
from molq.quant.rounding import ROUNDINGS, best_float_weight
from molq.quant.scheme import Treatment
from molq.quant.weights import CODE_BITS, Grid, channel_grid, group_grid

# W_o_msg is summed with W_o_atom, once per atom both. W_h's output is summed over a varying number of edges, so no bias
# can hold its mean error, not even b_h; its weights are fitted without one
BIAS_OF = {"encoder.W_o_msg": "encoder.W_o_atom"}


def fit_weights(
    name: str,
    reference: Predictor,
    made: Predictor,
    treatment: Treatment,
    ranges: list[tuple[float, float]] | None,
    calibration: list[PackedGraphs],
) -> tuple[Grid, Tensor]:
    """Grid and codes [N, K] of layer ``name``, still float in ``made``, where the layers ahead of it are quantized.

    ``ranges`` holds (low, high) per call site if its inputs will be quantized with those. With bias correction, the
    bias in ``made`` that is added to the layer's output is changed.
    """
    layer: Any = made.get_submodule(name)
    weight = layer.weight.detach()
    if not treatment.learns or _takes_exact_inputs(layer, treatment):
        grid = _grid(weight, treatment.weights, None)
        return grid, grid.nearest(weight)

    def encode(site: Site, z: Tensor) -> Tensor:
        return z if ranges is None else fake_quantize(z, *ranges[site[1]])

    moments = input_moments(name, reference, made, calibration, encode)
    bias = made.get_submodule(BIAS_OF.get(name, name)).bias if treatment.bias_correction else None
    moment = moments.second(centred=bias is not None)
    target = weight.double()
    if treatment.rounding != "nearest":
        target = best_float_weight(weight, moment, moments.cross(centred=bias is not None))
    grid = _grid(target, treatment.weights, moment.diagonal())
    codes = ROUNDINGS[treatment.rounding](target, grid, moment)
    if isinstance(bias, Tensor) and moments.n:
        with torch.no_grad():
            bias.add_(_mean_error(weight, grid, codes, moments))
    return grid, codes


def _mean_error(weight: Tensor, grid: Grid, codes: Tensor, moments: Moments) -> Tensor:
    """Mean over the calibration set of exact minus quantized output [N]."""
    error = weight.double() @ moments.x_mean - (codes.double() * grid.step) @ moments.z_mean
    return error.float()


def _grid(weight: Tensor, weights: str, importance: Tensor | None) -> Grid:
    bits = CODE_BITS.get(weights)
    return channel_grid(weight) if bits is None else group_grid(weight, bits, importance=importance)


def _takes_exact_inputs(layer: Linear, treatment: Treatment) -> bool:
    """Whether the layer is one of 8 bits whose input is exact, and its rounding error of no account."""
    return layer.role in EXACT_INPUTS and treatment.weights == "int8"
