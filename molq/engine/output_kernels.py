"""Numba kernels from the logits of a head to its outputs, in float64: logits z float32 [n, T, l], outputs [n, T, c]."""

from __future__ import annotations

import math

import numpy as np

from molq.compiled import compiler

jit = compiler(__file__)


@jit
def softplus(x):
    """log(1 + exp(x))."""
    x = np.float64(x)
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@jit
def mean_and_variance(z, mean, scale, out):
    """Mean and variance of a normal distribution."""
    for i in range(len(z)):
        for t in range(z.shape[1]):
            unit = np.float64(scale[t])
            out[i, t, 0] = z[i, t, 0] * unit + mean[t]
            out[i, t, 1] = softplus(z[i, t, 1]) * unit * unit


@jit
def evidential(z, mean, scale, out):
    """Mean, total, aleatoric and epistemic variance of a normal-inverse-gamma distribution."""
    for i in range(len(z)):
        for t in range(z.shape[1]):
            unit = np.float64(scale[t])
            v, excess, beta = softplus(z[i, t, 1]), softplus(z[i, t, 2]), softplus(z[i, t, 3])
            if v == 0.0 or excess == 0.0:  # no evidence at all
                v = excess = math.nan
            aleatoric = beta * unit * unit / excess
            out[i, t, 0] = z[i, t, 0] * unit + mean[t]
            out[i, t, 1] = aleatoric + aleatoric / v
            out[i, t, 2] = aleatoric
            out[i, t, 3] = aleatoric / v


@jit
def quantiles(z, mean, scale, out):
    """The middle of two quantiles, and they."""
    for i in range(len(z)):
        for t in range(z.shape[1]):
            unit = np.float64(scale[t])
            lower, upper = z[i, t, 0] * unit + mean[t], z[i, t, 1] * unit + mean[t]
            out[i, t, 0] = (lower + upper) / 2.0
            out[i, t, 1] = lower
            out[i, t, 2] = upper


@jit
def softmax(z, out):
    """Probabilities of the classes."""
    for i in range(len(z)):
        for t in range(z.shape[1]):
            highest = np.float64(z[i, t, 0])
            for k in range(z.shape[2]):
                highest = max(highest, np.float64(z[i, t, k]))
            total = 0.0
            for k in range(z.shape[2]):
                out[i, t, k] = math.exp(np.float64(z[i, t, k]) - highest)
                total += out[i, t, k]
            for k in range(z.shape[2]):
                out[i, t, k] /= total


@jit
def dirichlet(z, out):
    """Expected probabilities of the classes, and the number of classes over all evidence."""
    n_classes = z.shape[2]
    for i in range(len(z)):
        for t in range(z.shape[1]):
            total = 0.0
            for k in range(n_classes):
                out[i, t, k] = softplus(z[i, t, k]) + 1.0
                total += out[i, t, k]
            for k in range(n_classes):
                out[i, t, k] /= total
            out[i, t, n_classes] = n_classes / total
