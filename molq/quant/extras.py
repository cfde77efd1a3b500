"""Columns of one size for what molecules bring beside their graphs, so that one scale per row serves them all.

Descriptors span many orders of magnitude, and the weights that a model learnt for them span as many the other way.
"""

from __future__ import annotations

import copy

import torch

from molq.nn.predictor import Predictor


def balance_extras(predictor: Predictor) -> Predictor:
    """A predictor of the same function in which the largest weight of every extra is between 1/2 and 1.

    What a column is divided by goes into the scale of its input, which is never rounded. It is a power of two, so
    every product keeps its bits. The predictor itself where it takes no extras.
    """
    if predictor.scaler is None:
        return predictor
    made = copy.deepcopy(predictor)
    assert made.scaler is not None
    assert made.head.extras is not None
    with torch.no_grad():
        weight = made.head.extras.weight
        exponent = torch.frexp(weight.abs().amax(0)).exponent
        weight.copy_(torch.ldexp(weight, -exponent))
        made.scaler.scale.copy_(torch.ldexp(made.scaler.scale, -exponent))
    return made
