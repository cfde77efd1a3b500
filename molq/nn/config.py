"""What a predictor is made of, as a value."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Any, Literal

import msgspec

from molq.chem.features import FEATURE_SETS
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError, UnsupportedError
from molq.limits import require_within
from molq.nn.activation import Settings, activation_numbers, require_activation
from molq.nn.outputs import UNCERTAINTIES, Outputs
from molq.task_names import require_task_names

ARCHITECTURES = ("dmpnn", "ampnn", "gine", "attentivefp")
READOUTS = ("mean", "sum", "norm", "attentive", "superatom")
KINDS = tuple(UNCERTAINTIES)
MAX_WIDTH = 100_000
MAX_HEAD_LAYERS = 100
MAX_DEGREE = 100
MAX_PRODUCTS = 1_000_000_000
"""multiplications for each bond of a molecule, a second or so on one core"""
_N_SHOWN = 5
_LONG = 80
"""letters of a name that a message shows"""


class PredictorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything needed to build a Predictor without its weights.

    ``architecture`` is ``dmpnn`` (messages along directed bonds), ``ampnn`` (the same along atoms), ``gine`` or
    ``attentivefp``. ``depth`` counts layers as the source of each architecture does: a D-MPNN of depth 3 updates its
    edge states twice. ``head_hidden`` holds the widths of the hidden layers of the head; ``()`` is one Linear.
    With ``activated_residual``, which is set or absent, every update of a D-MPNN or an AMPNN adds τ(h0) instead of h0,
    as chemprop does where its activation works in place. With ``padded_degree`` every atom's list of neighbours is
    filled up to that many with edges that have no features, so that their states come of the biases alone, as
    chemprop 1 fills the lists of a batch. AttentiveFP brings its own readout, ``superatom``, refined ``n_timesteps``
    times, and its own activations. Numbers of an activation that are not the usual ones stand in its settings.
    ``recipe``, absent for the plain one, says what is made of a SMILES for the network; where it names molecule
    features, ``extras`` counts their numbers, which the head takes beside the graph's vector. ``kind`` says what labels
    are: ``classification`` (0 and 1), ``regression``, or ``multiclass`` (0 to ``n_classes`` − 1). ``uncertainty`` is
    what the head says of its own error, absent where it says nothing: see ``molq.nn.outputs``.
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
    activated_residual: Literal[True] | msgspec.UnsetType = msgspec.UNSET
    padded_degree: int | msgspec.UnsetType = msgspec.UNSET
    recipe: Recipe | msgspec.UnsetType = msgspec.UNSET
    activation_settings: Settings = msgspec.UNSET
    head_activation_settings: Settings = msgspec.UNSET
    uncertainty: str | msgspec.UnsetType = msgspec.UNSET
    n_classes: int | msgspec.UnsetType = msgspec.UNSET
    extras: Annotated[int, msgspec.Meta(ge=1, le=MAX_WIDTH)] | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.recipe == PLAIN:
            msgspec.structs.force_setattr(self, "recipe", msgspec.UNSET)
        _one_of("architecture", self.architecture, ARCHITECTURES)
        _one_of("kind", self.kind, KINDS)
        _one_of("feature_set", self.feature_set, FEATURE_SETS)
        require_activation("activation", self.activation, self.activation_settings)
        require_activation("head_activation", self.head_activation, self.head_activation_settings)
        _one_of("readout", self.readout, READOUTS)
        if (self.readout == "superatom") != (self.architecture == "attentivefp"):
            raise UnsupportedError(
                f"readout {self.readout!r} does not go with architecture {self.architecture!r}: "
                "'superatom' belongs to 'attentivefp', and to it alone"
            )
        require_task_names(self.tasks)
        n_logits = self.n_logits
        if n_logits > MAX_WIDTH:
            raise InputError(f"the head would give {n_logits:,} numbers, and {MAX_WIDTH:,} are the most")
        if self.activated_residual and self.architecture not in ("dmpnn", "ampnn"):
            raise UnsupportedError(f"architecture {self.architecture!r} has no residual to be activated")
        if self.padded_degree is not msgspec.UNSET:
            self._require_padding(self.padded_degree)
        require_within(d_h=self.d_h, depth=self.depth, n_timesteps=self.n_timesteps, dropout=self.dropout)
        if len(self.head_hidden) > MAX_HEAD_LAYERS or not all(1 <= width <= MAX_WIDTH for width in self.head_hidden):
            widths = ", ".join(map(str, self.head_hidden[:_N_SHOWN]))
            raise InputError(
                f"head_hidden must hold at most {MAX_HEAD_LAYERS} widths between 1 and {MAX_WIDTH:,}, not"
                f" {len(self.head_hidden)} ({widths:.60})"
            )
        if bool(self.recipe and self.recipe.molecule_features) != bool(self.n_extras):
            raise InputError(f"extras is {self.n_extras}, which does not go with the molecule features of the recipe")
        if self.n_products > MAX_PRODUCTS:
            raise InputError(
                f"a molecule would cost {self.n_products:,} multiplications for each bond, and {MAX_PRODUCTS:,} are"
                " the most; choose a smaller width or fewer layers"
            )
        self._require_slopes_to_fit()
        if not 0 < self.readout_norm < math.inf:
            raise InputError(f"readout_norm must be positive and finite, not {self.readout_norm}")

    def _require_padding(self, degree: int) -> None:
        if self.architecture not in ("dmpnn", "ampnn") or not self.bias:
            raise UnsupportedError("padded_degree is for message passing with biases, which alone fill a padding edge")
        if self.architecture == "ampnn" and self.undirected:
            raise UnsupportedError("padded_degree does not go with undirected messages along atoms")
        if not 1 <= degree <= MAX_DEGREE:
            raise InputError(f"padded_degree must lie between 1 and {MAX_DEGREE}, not {degree}")

    def _require_slopes_to_fit(self) -> None:
        places = (
            (self.activation, self.activation_settings, (self.d_h,)),
            (self.head_activation, self.head_activation_settings, self.head_hidden),
        )
        for name, settings, widths in places:
            n = activation_numbers(name, settings).get("num_parameters", 1)
            if unlike := [width for width in widths if n not in (1, width)]:
                raise InputError(f"a PReLU of {n:,} slopes does not fit a layer of {unlike[0]:,} channels")

    @property
    def outputs(self) -> Outputs:
        """What the numbers of the head stand for."""
        uncertainty = None if self.uncertainty is msgspec.UNSET else self.uncertainty
        return Outputs(self.kind, uncertainty, None if self.n_classes is msgspec.UNSET else self.n_classes)

    @property
    def n_logits(self) -> int:
        """Numbers that the last layer of the head gives."""
        return len(self.tasks) * self.outputs.form.n_logits

    @property
    def n_extras(self) -> int:
        """Numbers that the head takes beside the graph's vector."""
        return self.extras or 0

    @property
    def n_products(self) -> int:
        """Multiplications for one bond, or for one molecule where that is more: what a score costs, known beforehand.

        An upper bound: each step of the encoder multiplies by no more than a few matrices d_h × d_h.
        """
        steps = self.depth + (self.n_timesteps if self.architecture == "attentivefp" else 0)
        widths = (self.d_h + self.n_extras, *self.head_hidden, self.n_logits)
        return max(steps * self.d_h**2, sum(a * b for a, b in itertools.pairwise(widths)))


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
        raise InputError(f"{name} must be one of {', '.join(choices)}, not {value[:_LONG]!r}")
