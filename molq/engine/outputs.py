"""From logits to scores, by kernels whose bits depend on neither the batch nor the CPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molq.engine import kernels, output_kernels
from molq.nn.outputs import Outputs
from molq.nn.predictor import Predictor

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def member_outputs(predictor: Predictor, logits: F32) -> F64:
    """Outputs [n, C] of logits [n, L], which an ensemble averages; not finite where a logit is not."""
    outputs, mean, scale = predictor.config.outputs, predictor.output_mean.numpy(), predictor.output_scale.numpy()
    if outputs.kind == "regression" and outputs.uncertainty is None:
        return (logits * scale + mean).astype(np.float64)
    form = outputs.form
    z = np.ascontiguousarray(logits).reshape(len(logits), -1, form.n_logits)  # [n, T, l]
    found = np.empty((*z.shape[:2], len(form.parts)))
    _fill(found, z, outputs, mean, scale)
    found[~np.isfinite(z).all(axis=2)] = np.nan  # an overflow is no certainty
    return found.reshape(len(logits), -1)


def scores_of(members: Sequence[F64], outputs: Outputs, *, spread: bool = False) -> F32:
    """Scores [n, C] of the outputs [n, C] of all members; with ``spread`` [n, 2C], their deviation between members."""
    columns = [_roots(sum(members[1:], members[0]) / len(members), outputs)]
    if spread:
        columns.append(np.std([_roots(found, outputs) for found in members], axis=0))
    return np.concatenate(columns, axis=1).astype(np.float32)


def _roots(found: F64, outputs: Outputs) -> F64:
    roots = outputs.form.roots
    if not any(roots):
        return found
    is_variance = np.tile(roots, found.shape[1] // len(roots))
    return np.where(is_variance, np.sqrt(found, where=is_variance, out=np.zeros_like(found)), found)


def _fill(out: F64, z: F32, outputs: Outputs, mean: F32, scale: F32) -> None:
    """out [n, T, c] ← the columns of logits z [n, T, l]."""
    match outputs.kind, outputs.uncertainty:
        case "regression", "mve":
            output_kernels.mean_and_variance(z, mean, scale, out)
        case "regression", "evidential":
            output_kernels.evidential(z, mean, scale, out)
        case "regression", _:
            output_kernels.quantiles(z, mean, scale, out)
        case "classification", None:
            probabilities = np.empty_like(z)
            kernels.sigmoid(z[..., 0], probabilities[..., 0])
            out[:] = probabilities
        case "multiclass", None:
            output_kernels.softmax(z, out)
        case "multiclass", _:
            output_kernels.dirichlet(z, out)
        case _:
            shares = np.empty((*z.shape[:2], 3))
            output_kernels.dirichlet(z, shares)
            out[:] = shares[..., 1:]
