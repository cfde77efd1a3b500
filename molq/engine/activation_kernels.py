"""Numba kernel of every elementwise activation, in float32 without reassociation."""

from __future__ import annotations

import math

import numpy as np

from molq.compiled import compiler

(
    RELU,
    LEAKY,
    LEAKY_PER_CHANNEL,
    TANH,
    SELU,
    EXPONENTIAL,
    GELU,
    GELU_TANH,
    SILU,
    MISH,
    SOFTPLUS,
    SIGMOID,
    LOG_SIGMOID,
    HARD_SIGMOID,
    HARD_SWISH,
    CLAMP,
    HARD_SHRINK,
    SOFT_SHRINK,
    TANH_SHRINK,
    SOFTSIGN,
    THRESHOLD,
    IDENTITY,
) = range(22)

_SELU_SCALE = np.float32(1.0507009873554804934193349852946)
_SELU_ALPHA = np.float32(1.6732632423543772848170429916717)
_SQRT_HALF = np.float32(math.sqrt(0.5))
_SQRT_2_OVER_PI = np.float32(math.sqrt(2 / math.pi))
_GELU_CUBIC = np.float32(0.044715)

jit = compiler(__file__)


@jit
def activate(x, code, numbers):
    """x [d] ← activation(x), in place; ``numbers`` are those of the code, or one for every channel."""
    zero, one = np.float32(0), np.float32(1)
    if code == RELU:
        for i in range(x.size):
            x[i] = max(x[i], zero)
    elif code == LEAKY:
        slope = numbers[0]
        for i in range(x.size):
            x[i] = x[i] if x[i] > zero else x[i] * slope
    elif code == LEAKY_PER_CHANNEL:
        for i in range(x.size):
            x[i] = x[i] if x[i] > zero else x[i] * numbers[i]
    elif code == TANH:
        for i in range(x.size):
            x[i] = math.tanh(x[i])
    elif code == SELU:
        for i in range(x.size):
            grown = x[i] if x[i] > zero else _SELU_ALPHA * (np.float32(math.exp(x[i])) - one)
            x[i] = _SELU_SCALE * grown
    elif code == EXPONENTIAL:
        alpha, rate = numbers[0], numbers[1]
        for i in range(x.size):
            x[i] = x[i] if x[i] > zero else alpha * np.float32(math.expm1(x[i] * rate))
    elif code == CLAMP:
        low, high = numbers[0], numbers[1]
        for i in range(x.size):
            x[i] = min(max(x[i], low), high)
    elif code != IDENTITY:
        for i in range(x.size):
            x[i] = _activated(x[i], code, numbers)


@jit
def _activated(x, code, numbers):
    """The activation of one number."""
    zero, one, half = np.float32(0), np.float32(1), np.float32(0.5)
    if code == GELU:  # erfc keeps the digits that 1 + erf loses where x is far below 0
        return half * x * np.float32(math.erfc(-x * _SQRT_HALF))
    if code == GELU_TANH:
        return half * x * (one + np.float32(math.tanh(_SQRT_2_OVER_PI * (x + _GELU_CUBIC * x * x * x))))
    if code == SILU:
        return x / (one + np.float32(math.exp(-x)))
    if code == MISH:
        return x * np.float32(math.tanh(_softplus(x)))
    if code == SOFTPLUS:
        beta, threshold = numbers[0], numbers[1]
        return x if x * beta > threshold else np.float32(math.log1p(math.exp(x * beta))) / beta
    if code == SIGMOID:
        return one / (one + np.float32(math.exp(-x)))
    if code == LOG_SIGMOID:
        return -_softplus(-x)
    if code == HARD_SIGMOID:
        return min(max(x + np.float32(3), zero), np.float32(6)) / np.float32(6)
    if code == HARD_SWISH:
        return x * min(max(x + np.float32(3), zero), np.float32(6)) / np.float32(6)
    if code == HARD_SHRINK:
        return x if x > numbers[0] or x < -numbers[0] else zero
    if code == SOFT_SHRINK:
        return x - numbers[0] if x > numbers[0] else (x + numbers[0] if x < -numbers[0] else zero)
    if code == TANH_SHRINK:
        return x - np.float32(math.tanh(x))
    if code == SOFTSIGN:
        return x / (one + abs(x))
    return x if x > numbers[0] else numbers[1]


@jit
def _softplus(x):
    return max(x, np.float32(0)) + np.float32(math.log1p(math.exp(-abs(x))))
