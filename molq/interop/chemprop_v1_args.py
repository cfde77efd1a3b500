"""From the arguments that chemprop 1 trained a model with to a PredictorConfig, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from molq.chem.molecule_features.names import V1_NAMES, V1_PREFIX
from molq.chem.recipe import Hydrogens, Recipe
from molq.errors import CheckpointError, MolqError
from molq.interop.chemprop_config import Shapes, tasks_of_width, unnamed_tasks
from molq.interop.molecule_features import require_molecule_features
from molq.nn.config import KINDS, PredictorConfig
from molq.nn.outputs import Outputs
from molq.task_names import usable_task_names

FEATURE_SET = "V1"
PADDED_DEGREE = 4
"""chemprop 1 fills the lists of neighbours up to the longest of a batch, so that its scores depend on the batch where
there are biases; four neighbours are the most that an atom of nearly every batch of drug-like molecules has"""
_D_V, _D_E = 133, 14
_ACTIVATIONS = {
    "ReLU": "relu",
    "LeakyReLU": "leakyrelu",
    "PReLU": "prelu",
    "tanh": "tanh",
    "SELU": "selu",
    "ELU": "elu",
}
_READOUTS = ("mean", "sum", "norm")
_UNCERTAINTIES = {
    "mve": ("regression",),
    "evidential": ("regression",),
    "dirichlet": ("classification", "multiclass"),
}
"""losses whose head says more than the value, and the kinds of task that have them"""
_NOT_OFFERED = {
    "reaction": "a model of reactions",
    "reaction_solvent": "a model of reactions in solvents",
    "is_atom_bond_targets": "a model of atom and bond properties",
    "features_only": "a network on molecule features alone, without message passing",
    "atom_descriptors": "a model with atom features from a file",
    "atom_descriptors_path": "a model with atom features from a file",
    "bond_descriptors": "a model with bond features from a file",
    "bond_descriptors_path": "a model with bond features from a file",
    "bond_features_path": "a model with bond features from a file",
    "overwrite_default_atom_features": "a model with atom features of its own",
    "overwrite_default_bond_features": "a model with bond features of its own",
    "features_path": "a model with molecule features from a file",
    "phase_features_path": "a model of spectra",
    "constraints_path": "a model with constraints from a file",
}


def v1_config(args: Mapping[str, Any], shapes: Shapes, has_bias: bool) -> PredictorConfig:
    """The configuration of the predictor that chemprop 1.6.1 makes of ``args``; what they lack is its default.

    Raises CheckpointError when it is a kind of model that molq does not offer, named, or when the weights, of these
    ``shapes``, contradict it.
    """
    _refuse_other_inputs(args)
    outputs = _outputs(args)
    atom_messages = _flag(args, "atom_messages")
    activation = _one_of(args, "activation", "ReLU", tuple(_ACTIVATIONS))
    readout = _one_of(args, "aggregation", "mean", _READOUTS)
    _refuse_contradictions(args, shapes, has_bias)
    recipe = _recipe(args)
    require_molecule_features(shapes.n_extras, recipe.molecule_features)
    if atom_messages and _flag(args, "undirected"):
        raise CheckpointError("its args state both atom_messages and undirected, which chemprop 1 itself refuses")
    try:
        return PredictorConfig(
            architecture="ampnn" if atom_messages else "dmpnn",
            tasks=_tasks(args, tasks_of_width(shapes.head[-1], outputs.form.n_logits)),
            kind=outputs.kind,
            uncertainty=outputs.uncertainty or msgspec.UNSET,
            n_classes=outputs.n_classes or msgspec.UNSET,
            feature_set=FEATURE_SET,
            d_h=shapes.d_h,
            depth=_whole(args, "depth", 3),
            bias=has_bias,
            padded_degree=PADDED_DEGREE if has_bias else msgspec.UNSET,
            undirected=_flag(args, "undirected"),
            activation=_ACTIVATIONS[activation],
            readout=readout,
            readout_norm=_number(args, "aggregation_norm", 100.0) if readout == "norm" else 100.0,
            head_hidden=shapes.head[:-1],
            head_activation=_ACTIVATIONS[activation],
            dropout=_number(args, "dropout", 0.0),
            recipe=recipe,
            extras=shapes.n_extras or msgspec.UNSET,
        )
    except CheckpointError:
        raise
    except MolqError as error:
        raise CheckpointError(f"its args make no predictor ({error})") from error


def v1_stored_tasks(args: Mapping[str, Any]) -> list[str] | None:
    """What the args call the tasks; None where they do not."""
    names = args.get("task_names") or args.get("target_columns")
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return None
    return list(names)


def _refuse_other_inputs(args: Mapping[str, Any]) -> None:
    if _whole(args, "number_of_molecules", 1) != 1:
        raise CheckpointError("it is a model of several molecules at once, which molq does not offer")
    for key, words in _NOT_OFFERED.items():
        if args.get(key):
            raise CheckpointError(f"it is {words} (--{key}), which molq does not offer")


def _outputs(args: Mapping[str, Any]) -> Outputs:
    if args.get("dataset_type") == "spectra":
        raise CheckpointError("it is a model of spectra, which molq does not offer")
    kind = _one_of(args, "dataset_type", "", KINDS)
    loss = args.get("loss_function") or args.get("alternative_loss_function")
    uncertainty = loss if isinstance(loss, str) and loss in _UNCERTAINTIES else None
    if uncertainty is not None and kind not in _UNCERTAINTIES[uncertainty]:
        raise CheckpointError(f"its args state the loss {uncertainty} for {kind}, which has no such head")
    try:
        return Outputs(kind, uncertainty, _whole(args, "multiclass_num_classes", 3) if kind == "multiclass" else None)
    except MolqError as error:
        raise CheckpointError(f"its args make no head ({error})") from error


def _recipe(args: Mapping[str, Any]) -> Recipe:
    """Other than ``adding_h`` nothing changes a molecule: ``explicit_h`` is for reactions, and the order of atoms,
    which ``keeping_atom_map`` decides, changes no score."""
    hydrogens: Hydrogens = "explicit" if _flag(args, "adding_h") else "implicit"
    return Recipe(hydrogens=hydrogens, molecule_features=_molecule_features(args))


def _refuse_contradictions(args: Mapping[str, Any], shapes: Shapes, has_bias: bool) -> None:
    if (shapes.d_v, shapes.d_e) != (_D_V, _D_E):
        raise CheckpointError(
            f"its matrices are for {shapes.d_v} atom and {shapes.d_e} bond features, and chemprop 1 has {_D_V} and"
            f" {_D_E}; models with features of their own are not offered"
        )
    if _flag(args, "bias") is not has_bias:
        holds = "its weights hold one" if has_bias else "its weights hold none"
        raise CheckpointError(f"its args state bias={_flag(args, 'bias')} for message passing, and {holds}")
    stated = {
        "hidden_size": (_whole(args, "hidden_size", 300), shapes.d_h),
        "ffn_num_layers": (_whole(args, "ffn_num_layers", 2), len(shapes.head)),
    }
    for key, (number, found) in stated.items():
        if number != found:
            raise CheckpointError(f"its args state {key} {number}, and its weights are for {found}")


def _molecule_features(args: Mapping[str, Any]) -> tuple[str, ...]:
    names = args.get("features_generator") or ()
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise CheckpointError("its argument features_generator is no list of names")
    if unknown := next((name for name in names if name not in V1_NAMES), None):
        raise CheckpointError(
            f"its argument features_generator names {unknown[:60]!r}, and chemprop 1 has {', '.join(V1_NAMES)}"
        )
    return tuple(V1_PREFIX + name for name in names)


def _tasks(args: Mapping[str, Any], n_tasks: int) -> tuple[str, ...]:
    """Those that the args name, else task_0, task_1, ..."""
    names = v1_stored_tasks(args)
    if names is None:
        return unnamed_tasks(n_tasks)
    if len(names) != n_tasks:
        raise CheckpointError(f"it predicts {n_tasks} tasks, and its args name {len(names)}")
    return tuple(usable_task_names(names))


def _flag(args: Mapping[str, Any], key: str) -> bool:
    value = args.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise CheckpointError(f"its argument {key} is neither true nor false")


def _whole(args: Mapping[str, Any], key: str, default: int) -> int:
    number = _number(args, key, default)
    if number != int(number):
        raise CheckpointError(f"its argument {key} is no whole number")
    return int(number)


def _number(args: Mapping[str, Any], key: str, default: float) -> float:
    value = args.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise CheckpointError(f"its argument {key} is no finite number")
    return float(value)


def _one_of(args: Mapping[str, Any], key: str, default: str, choices: tuple[str, ...]) -> str:
    value = args.get(key, default)
    if value not in choices:
        said = f"{value[:60]!r}" if isinstance(value, str) else "no text"
        raise CheckpointError(f"its argument {key} is {said}, and molq imports {', '.join(choices)}")
    return str(value)
