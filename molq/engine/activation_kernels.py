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
    LOG_SIGMOID,
    SIGMOID,
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
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_THREE, _SIX, _SIXTH = np.float32(3), np.float32(6), np.float32(1 / 6)
_SQRT_HALF = np.float32(math.sqrt(0.5))
_TWICE_SQRT_2_OVER_PI = np.float32(2 * math.sqrt(2 / math.pi))
_GELU_CUBIC = np.float32(0.044715)
_SURE = np.float32(20)
"""beyond it tanh(softplus(x)) is 1 in float32"""

# e^x = 2^n · e^r with |r| ≤ ln 2 / 2: ln 2 in two parts, the first of few bits, so that n times it is exact
_LOWEST, _HIGHEST, _LOG2_E = np.float32(-84), np.float32(87), np.float32(math.log2(math.e))
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(math.log(2) - 0.693359375)
_ROUND = np.float32(12582912.0)
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1 / math.factorial(k)) for k in range(2, 8))
# 2·artanh(s) = log(1 + w) with s = w / (2 + w) ≤ 1/3
_A3, _A5, _A7, _A9, _A11, _A13, _A15 = (np.float32(1 / k) for k in range(3, 16, 2))
# erfc(z) for z ≥ 0 within 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26
_P = np.float32(0.3275911)
_B1, _B2, _B3 = np.float32(0.254829592), np.float32(-0.284496736), np.float32(1.421413741)
_B4, _B5 = np.float32(-1.453152027), np.float32(1.061405429)

jit = compiler(__file__)


@jit
def activate(x, code, numbers):
    """x [d] ← activation(x), in place; ``numbers`` are those of the code, or one for every channel.

    A loop for each, so that the compiler can compute several channels at once, which a division that may raise (every
    one but NumPy's) would prevent. What is not a number stays none.
    """
    if code == RELU:
        for i in range(x.size):
            x[i] = max(x[i], _ZERO)
    elif code == LEAKY:
        slope = numbers[0]
        for i in range(x.size):
            x[i] = x[i] if x[i] > _ZERO else x[i] * slope
    elif code == LEAKY_PER_CHANNEL:
        for i in range(x.size):
            x[i] = x[i] if x[i] > _ZERO else x[i] * numbers[i]
    elif code == TANH:
        for i in range(x.size):
            x[i] = _tanh(x[i])
    elif code == SELU:
        for i in range(x.size):
            grown = x[i] if x[i] > _ZERO else _SELU_ALPHA * (_exp(x[i]) - _ONE)
            x[i] = _SELU_SCALE * grown
    elif code == EXPONENTIAL:
        alpha, rate = numbers[0], numbers[1]
        for i in range(x.size):
            x[i] = x[i] if x[i] > _ZERO else alpha * (_exp(x[i] * rate) - _ONE)
    elif code <= SIGMOID:
        _activate_smoothly(x, code, numbers)
    elif code != IDENTITY:
        _activate_in_pieces(x, code, numbers)


@jit
def _activate_smoothly(x, code, numbers):
    if code == GELU:
        for i in range(x.size):
            x[i] = _HALF * x[i] * _erfc(-x[i] * _SQRT_HALF)
    elif code == GELU_TANH:  # 1 + tanh(u) = 2·sigmoid(2u)
        for i in range(x.size):
            u = _TWICE_SQRT_2_OVER_PI * (x[i] + _GELU_CUBIC * x[i] * x[i] * x[i])
            x[i] = np.divide(x[i], _ONE + _exp(-u))
    elif code == SILU:
        for i in range(x.size):
            x[i] = np.divide(x[i], _ONE + _exp(-x[i]))
    elif code == MISH:  # tanh(log(1 + e)) = e·(e + 2) / (e·(e + 2) + 2)
        for i in range(x.size):
            e = _exp(_SURE if x[i] > _SURE else x[i])
            x[i] *= np.divide(e * (e + _TWO), e * (e + _TWO) + _TWO)
    elif code == SOFTPLUS:
        beta, threshold = numbers[0], numbers[1]
        for i in range(x.size):
            x[i] = x[i] if x[i] * beta > threshold else np.divide(_softplus(x[i] * beta), beta)
    elif code == LOG_SIGMOID:
        for i in range(x.size):
            x[i] = -_softplus(-x[i])
    else:
        for i in range(x.size):
            x[i] = np.divide(_ONE, _ONE + _exp(-x[i]))


@jit
def _activate_in_pieces(x, code, numbers):
    if code == HARD_SIGMOID:
        for i in range(x.size):
            x[i] = _clamped(x[i] + _THREE, _ZERO, _SIX) * _SIXTH
    elif code == HARD_SWISH:
        for i in range(x.size):
            x[i] = x[i] * _clamped(x[i] + _THREE, _ZERO, _SIX) * _SIXTH
    elif code == CLAMP:
        for i in range(x.size):
            x[i] = _clamped(x[i], numbers[0], numbers[1])
    elif code == HARD_SHRINK:
        for i in range(x.size):
            x[i] = _ZERO if -numbers[0] <= x[i] <= numbers[0] else x[i]
    elif code == SOFT_SHRINK:
        for i in range(x.size):
            x[i] = x[i] - _clamped(x[i], -numbers[0], numbers[0])
    elif code == TANH_SHRINK:
        for i in range(x.size):
            x[i] -= _tanh(x[i])
    elif code == SOFTSIGN:
        for i in range(x.size):
            x[i] = np.divide(x[i], _ONE + abs(x[i]))
    else:
        threshold, value = numbers[0], numbers[1]
        for i in range(x.size):
            x[i] = value if x[i] <= threshold else x[i]


@jit
def _clamped(x, low, high):
    return low if x < low else (high if x > high else x)


@jit
def _exp(x):
    """e^x, x taken for −84 or 87 where it is beyond, so that nothing overflows, or becomes too small to be quick."""
    x = _clamped(x, _LOWEST, _HIGHEST)
    n = (x * _LOG2_E + _ROUND) - _ROUND
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    tail = _E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * (_E6 + r * _E7))))
    return (_ONE + (r + r * r * tail)) * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)


@jit
def _tanh(x):
    e = _exp(-_TWO * abs(x))
    y = np.divide(_ONE - e, _ONE + e)
    return y if x > _ZERO else -y


@jit
def _softplus(x):
    """log(1 + e^x)"""
    w = _exp(-abs(x))
    s = np.divide(w, _TWO + w)
    q = s * s
    series = q * (_A3 + q * (_A5 + q * (_A7 + q * (_A9 + q * (_A11 + q * (_A13 + q * _A15))))))
    return (x if x > _ZERO else _ZERO) + _TWO * (s + s * series)


@jit
def _erfc(x):
    z = abs(x)
    t = np.divide(_ONE, _ONE + _P * z)
    tail = t * (_B1 + t * (_B2 + t * (_B3 + t * (_B4 + t * _B5)))) * _exp(-z * z)
    return tail if x > _ZERO else _TWO - tail
