"""What a predictor is made of, as a value."""

from __future__ import annotations

from typing import Any

import msgspec

from molq.chem.features import FEATURE_SETS
from molq.errors import InputError, UnsupportedError

ARCHITECTURES = ("dmpnn", "ampnn", "gine", "attentivefp")
READOUTS = ("mean", "sum", "norm", "attentive", "superatom")
ACTIVATIONS = ("relu", "leakyrelu", "prelu", "tanh", "selu", "elu")
KINDS = ("classification", "regression")


class PredictorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything needed to build a Predictor without its weights.

    ``architecture`` is ``dmpnn`` (messages along directed bonds), ``ampnn`` (the same along atoms), ``gine`` or
    ``attentivefp``. ``depth`` counts layers as the source of each architecture does: a D-MPNN of depth 3 updates its
    edge states twice. ``head_hidden`` holds the widths of the hidden layers of the head; ``()`` is one Linear.
    AttentiveFP brings its own readout, ``superatom``, refined ``n_timesteps`` times.
    """

    architecture: str
    tasks: tuple[str, ...]
    kind: str
    feature_set: str = "V2"
    d_h: int = 300
    depth: int = 3
    bias: bool = False
    undirected: bool = False
    activation: str = "relu"
    readout: str = "norm"
    readout_norm: float = 100.0
    batch_norm: bool = False
    head_hidden: tuple[int, ...] = (300,)
    head_activation: str = "relu"
    dropout: float = 0.0
    n_timesteps: int = 2

    def __post_init__(self) -> None:
        _one_of("architecture", self.architecture, ARCHITECTURES)
        _one_of("kind", self.kind, KINDS)
        _one_of("feature_set", self.feature_set, FEATURE_SETS)
        _one_of("activation", self.activation, ACTIVATIONS)
        _one_of("head_activation", self.head_activation, ACTIVATIONS)
        _one_of("readout", self.readout, READOUTS)
        if (self.readout == "superatom") != (self.architecture == "attentivefp"):
            raise UnsupportedError(
                f"readout {self.readout!r} does not go with architecture {self.architecture!r}: "
                "'superatom' belongs to 'attentivefp', and to it alone"
            )
        if not self.tasks or len(set(self.tasks)) != len(self.tasks):
            raise InputError(f"tasks must be one or more distinct names, not {list(self.tasks)}")
        for name, value in (("d_h", self.d_h), ("depth", self.depth), ("n_timesteps", self.n_timesteps)):
            if not 1 <= value <= 100_000:
                raise InputError(f"{name} must lie between 1 and 100000, not {value}")
        if not all(1 <= width <= 100_000 for width in self.head_hidden):
            raise InputError(f"head_hidden must hold widths between 1 and 100000, not {list(self.head_hidden)}")
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(f"dropout must lie in [0, 1), not {self.dropout}")
        if not self.readout_norm > 0:
            raise InputError(f"readout_norm must be positive, not {self.readout_norm}")


def default_config(architecture: str, tasks: tuple[str, ...], kind: str, **changes: Any) -> PredictorConfig:
    """The usual configuration of an architecture, with ``changes``.

    ``dmpnn`` and ``ampnn`` follow chemprop's defaults, ``gine`` Hu et al. (2020), ``attentivefp`` Xiong et al. (2019).
    """
    usual: dict[str, dict[str, Any]] = {
        "gine": {"depth": 5, "readout": "mean", "batch_norm": True},
        "attentivefp": {"d_h": 200, "depth": 2, "readout": "superatom", "head_hidden": ()},
    }
    return PredictorConfig(architecture, tasks, kind, **{**usual.get(architecture, {}), **changes})


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
