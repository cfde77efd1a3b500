"""From logits to scores in torch: what the kernels of the engine are held against."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from molq.nn.outputs import Outputs


def outputs_of(logits: Tensor, outputs: Outputs, mean: Tensor, scale: Tensor) -> Tensor:
    """Outputs [n, T·c] of one network's logits [n, T·l]: what an ensemble averages.

    ``mean`` and ``scale`` [T] are the units of a regression; a variance is scaled by the square.
    """
    z = logits.unflatten(1, (mean.shape[0], outputs.form.n_logits))  # [n, T, l]
    return torch.stack(_parts(z, outputs, mean, scale), dim=2).flatten(1)


def scores_of_outputs(found: Tensor, outputs: Outputs) -> Tensor:
    """Scores [n, T·c] of outputs [n, T·c], or of their mean over an ensemble: roots of variances."""
    roots = torch.tensor(outputs.form.roots).repeat(found.shape[1] // len(outputs.form.roots))
    return torch.where(roots, found.clamp(min=0).sqrt(), found)


def _parts(z: Tensor, outputs: Outputs, mean: Tensor, scale: Tensor) -> list[Tensor]:
    """The columns [n, T] of a task's logits z [n, T, l]."""
    first = z[..., 0]
    match outputs.kind, outputs.uncertainty:
        case "classification", None:
            return [torch.sigmoid(first)]
        case "regression", None:
            return [first * scale + mean]
        case "regression", "mve":
            return [first * scale + mean, F.softplus(z[..., 1]) * scale**2]
        case "regression", "evidential":
            v, excess, beta = (F.softplus(z[..., i]) for i in (1, 2, 3))  # α = 1 + excess
            aleatoric = beta * scale**2 / excess
            return [first * scale + mean, (1 + 1 / v) * aleatoric, aleatoric, aleatoric / v]
        case "regression", "quantile":
            lower, upper = (z[..., i] * scale + mean for i in (0, 1))
            return [(lower + upper) / 2, lower, upper]
        case "multiclass", None:
            return list(torch.softmax(z, dim=2).unbind(2))
    evidence = F.softplus(z) + 1
    total = evidence.sum(2, keepdim=True)
    shares, uncertainty = list((evidence / total).unbind(2)), z.shape[2] / total[..., 0]
    return [*shares, uncertainty] if outputs.kind == "multiclass" else [shares[1], uncertainty]
