"""From a chemprop checkpoint's hyper-parameters to a PredictorConfig, or to the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from molq.chem.features import FEATURE_SETS, FeatureTable
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import CheckpointError, MolqError
from molq.interop.chemprop_activation import stated_activation
from molq.interop.inert import Global, Instance, TensorRef
from molq.interop.molecule_features import require_molecule_features
from molq.nn.config import PredictorConfig
from molq.nn.outputs import Outputs
from molq.task_names import usable_task_names

Offer = TypeVar("Offer")
_ARCHITECTURES = {"BondMessagePassing": "dmpnn", "AtomMessagePassing": "ampnn"}
_READOUTS = {
    "MeanAggregation": "mean",
    "SumAggregation": "sum",
    "NormAggregation": "norm",
    "AttentiveAggregation": "attentive",
}
_HEADS: dict[str, tuple[str, str | None]] = {
    "BinaryClassificationFFN": ("classification", None),
    "BinaryDirichletFFN": ("classification", "dirichlet"),
    "RegressionFFN": ("regression", None),
    "MveFFN": ("regression", "mve"),
    "EvidentialFFN": ("regression", "evidential"),
    "QuantileFFN": ("regression", "quantile"),
    "MulticlassClassificationFFN": ("multiclass", None),
    "MulticlassDirichletFFN": ("multiclass", "dirichlet"),
}
"""kind and uncertainty of each"""
_NOT_OFFERED = {
    "MulticomponentMessagePassing": "a multicomponent model",
    "MABBondMessagePassing": "a model of atom and bond properties",
    "MABAtomMessagePassing": "a model of atom and bond properties",
    "SpectralFFN": "a spectral head",
}
_SCALER = "chemprop.nn.transforms.ScaleTransform"
_HEAD_LAYER = re.compile(r"predictor\.ffn\.(\d{1,4})\.[02]\.weight")


class Shapes(NamedTuple):
    """What the tensors of a state dict say about the network."""

    d_v: int
    d_e: int
    d_h: int
    head: tuple[int, ...]
    """output widths of the head's layers, the last of them the numbers of all tasks"""
    n_extras: int = 0
    """numbers that the head takes beside the graph's vector"""


def checkpoint_config(
    hyper: Mapping[str, Any], state: Mapping[str, Any], tasks: Sequence[str] | None, recipe: Recipe = PLAIN
) -> PredictorConfig:
    """The configuration of the predictor that the checkpoint holds; ``tasks`` default to task_0, task_1, ...

    ``recipe`` says what the checkpoint does not: how its molecules were made, and which features it takes of them.
    Raises CheckpointError when it is a kind of model that molq does not offer, named, or when it contradicts itself.
    """
    blocks = {name: _block(hyper, name) for name in ("message_passing", "agg", "predictor")}
    architecture = _offered(blocks["message_passing"], "message_passing", _ARCHITECTURES)
    readout = _offered(blocks["agg"], "agg", _READOUTS)
    kind, uncertainty = _offered(blocks["predictor"], "predictor", _HEADS)
    _refuse_extra_inputs(hyper, blocks["message_passing"], state)
    shapes = shapes_of(state, architecture)
    _refuse_contradictions(blocks, shapes, "message_passing.W_i.bias" in state)
    require_molecule_features(shapes.n_extras, recipe.molecule_features)
    passing = blocks["message_passing"]
    activation, head_activation = (
        stated_activation(blocks[name].get("activation", "relu")) for name in ("message_passing", "predictor")
    )
    try:
        outputs = Outputs(
            kind, uncertainty, _number(blocks["predictor"], "n_classes", 0, int) if kind == "multiclass" else None
        )
        return PredictorConfig(
            architecture=architecture,
            tasks=_task_names(tasks, tasks_of_width(shapes.head[-1], outputs.form.n_logits)),
            kind=kind,
            uncertainty=uncertainty or msgspec.UNSET,
            n_classes=outputs.n_classes or msgspec.UNSET,
            feature_set=_feature_set(shapes.d_v, shapes.d_e),
            d_h=shapes.d_h,
            depth=_number(passing, "depth", 3, int),
            bias="message_passing.W_i.bias" in state,
            undirected=bool(passing.get("undirected", False)),
            activation=activation.name,
            readout=readout,
            readout_norm=_number(blocks["agg"], "norm", 100.0, float) if readout == "norm" else 100.0,
            batch_norm="bn.weight" in state,
            head_hidden=shapes.head[:-1],
            head_activation=head_activation.name,
            dropout=_number(passing, "dropout", 0.0, float),
            activated_residual=True if activation.in_place else msgspec.UNSET,
            activation_settings=activation.settings,
            head_activation_settings=head_activation.settings,
            recipe=recipe,
            extras=shapes.n_extras or msgspec.UNSET,
        )
    except CheckpointError:
        raise
    except MolqError as error:
        raise CheckpointError(f"its hyper-parameters make no predictor ({error})") from error


def shapes_of(state: Mapping[str, Any], architecture: str) -> Shapes:
    """What tensors that bear the names of chemprop 2 say. Raises CheckpointError when they are not those of a model."""
    d_h, in_width = _matrix(state, "message_passing.W_i.weight")
    hidden_width = _matrix(state, "message_passing.W_h.weight")[1]
    d_v = _matrix(state, "message_passing.W_o.weight")[1] - d_h
    d_e = in_width - d_v if architecture == "dmpnn" else hidden_width - d_h
    numbers = sorted(int(match[1]) for key in state if isinstance(key, str) and (match := _HEAD_LAYER.fullmatch(key)))
    last = numbers[-1] if numbers else 0
    layers = [_matrix(state, head_key(k)) for k in range(last + 1)]
    return Shapes(d_v, d_e, d_h, tuple(out for out, _ in layers), max(layers[0][1] - d_h, 0))


def head_key(layer: int) -> str:
    """Name of the weight of a layer of chemprop's head."""
    return f"predictor.ffn.{layer}.{0 if layer == 0 else 2}.weight"


def unnamed_tasks(n_tasks: int) -> tuple[str, ...]:
    """What the tasks of a checkpoint are called that does not name them."""
    return tuple(usable_task_names([""] * n_tasks))


def tasks_of_width(width: int, n_logits: int) -> int:
    """How many tasks a head has that gives ``width`` numbers. Raises CheckpointError when they do not divide."""
    if width % n_logits:
        raise CheckpointError(f"its head gives {width} numbers, which is no multiple of the {n_logits} of each task")
    return width // n_logits


def _block(hyper: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if "mol_predictor" in hyper:
        raise CheckpointError("it is a model of atom and bond properties, which molq does not offer")
    block = hyper.get(name)
    if not isinstance(block, dict):
        raise CheckpointError(f"it has no {name} block, so it is no whole chemprop v2 model")
    return block


def _offered(block: Mapping[str, Any], name: str, offered: Mapping[str, Offer]) -> Offer:
    cls = block.get("cls")
    if not isinstance(cls, Global):
        raise CheckpointError(f"its {name} block does not name its class")
    if cls.name in offered:
        return offered[cls.name]
    words = _NOT_OFFERED.get(cls.name, f"an unknown class in its {name} block")
    raise CheckpointError(f"it has {words} ({cls.name}), which molq does not offer; it imports {', '.join(offered)}")


def _refuse_extra_inputs(hyper: Mapping[str, Any], passing: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    extras = {
        "extra atom descriptors (d_vd)": passing.get("d_vd") not in (None, 0) or _uses_descriptors(passing, state),
        "scaled atom descriptors (V_d_transform)": not _is_identity(passing.get("V_d_transform")),
        "scaled extra features (graph_transform)": not _is_identity(passing.get("graph_transform")),
    }
    for what, found in extras.items():
        if found:
            raise CheckpointError(f"it was trained with {what}, and molq computes its features from SMILES alone")
    scaler = hyper.get("X_d_transform")
    if not _is_identity(scaler) and not (isinstance(scaler, Instance) and scaler.cls.path == _SCALER):
        raise CheckpointError("it scales its molecule features (X_d_transform) by no class of chemprop's")


def _uses_descriptors(passing: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Whether the matrix for atom descriptors is used; chemprop 2.0 makes one for none too, and leaves it alone."""
    if "message_passing.W_d.weight" not in state:
        return False
    rows, columns = _matrix(state, "message_passing.W_d.weight")
    return passing.get("d_vd") != 0 or rows != columns


def _is_identity(transform: Any) -> bool:
    if transform is None:
        return True
    if not isinstance(transform, Instance):
        return False
    if transform.cls.path == "torch.nn.modules.linear.Identity":
        return True
    if transform.cls.path != "chemprop.nn.transforms.GraphTransform" or not isinstance(transform.state, dict):
        return False
    parts = transform.state.get("_modules")
    # a GraphTransform inside a GraphTransform is none of chemprop's, and may be nested without end
    return isinstance(parts, dict) and all(
        isinstance(part, Instance) and part.cls.path == "torch.nn.modules.linear.Identity" for part in parts.values()
    )


def _matrix(state: Mapping[str, Any], key: str) -> tuple[int, int]:
    ref = state.get(key)
    if not isinstance(ref, TensorRef) or len(ref.size) != 2:
        raise CheckpointError(f"its matrix {key} is missing")
    return ref.size[0], ref.size[1]


def _refuse_contradictions(blocks: Mapping[str, Mapping[str, Any]], shapes: Shapes, has_bias: bool) -> None:
    stated = blocks["message_passing"].get("bias", has_bias)
    if bool(stated) is not has_bias:
        holds = "holds them" if has_bias else "holds none"
        raise CheckpointError(
            f"its hyper-parameters state bias={bool(stated)} for message passing, and its state dict {holds}: one of"
            " the two was changed afterwards, and chemprop itself does not load it"
        )
    for name, found in (("d_v", shapes.d_v), ("d_e", shapes.d_e), ("d_h", shapes.d_h)):
        stated = blocks["message_passing"].get(name, found)
        if stated != found:
            # anything may stand here, and the text of a small nest of containers that share each other has no end
            number = stated if isinstance(stated, int | float) else "that is no number"
            raise CheckpointError(f"it states {name} {number} and holds matrices for {found}")


def _feature_set(d_v: int, d_e: int) -> str:
    known = {}
    for name in FEATURE_SETS:
        table = FeatureTable(name)
        known[table.d_v, table.d_e] = name
        if d_e == 2 * table.d_e and d_v > table.d_v:
            raise CheckpointError(
                f"it is a reaction model ({d_v} atom and {d_e} bond features of condensed graphs), "
                "which molq does not offer"
            )
    if (d_v, d_e) not in known:
        choices = ", ".join(f"{name} {v}/{e}" for (v, e), name in known.items())
        raise CheckpointError(
            f"it expects {d_v} atom and {d_e} bond features, and the feature sets are {choices}; "
            "models with extra atom or bond features are not offered"
        )
    return known[d_v, d_e]


def _number(block: Mapping[str, Any], key: str, default: float, kind: type) -> Any:
    value = block.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int if kind is int else int | float):
        raise CheckpointError(f"its hyper-parameter {key} is no number")
    return kind(value)


def _task_names(tasks: Sequence[str] | None, n_tasks: int) -> tuple[str, ...]:
    if tasks is None:
        return unnamed_tasks(n_tasks)
    if len(tasks) != n_tasks:
        raise CheckpointError(f"it predicts {n_tasks} tasks, and it names {len(tasks)}")
    return tuple(usable_task_names(tasks))
