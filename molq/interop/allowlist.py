"""The globals that a chemprop checkpoint may name. They are names only; nothing here imports them."""

from __future__ import annotations

STORAGE_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "|b1",
}
DICTS = {
    ("collections", "OrderedDict"),
    ("lightning.fabric.utilities.data", "AttributeDict"),
    ("lightning.pytorch.utilities.parsing", "AttributeDict"),
    ("pytorch_lightning.utilities.parsing", "AttributeDict"),
}
REBUILD_TENSOR = ("torch._utils", "_rebuild_tensor_v2")
REBUILD_PARAMETER = ("torch._utils", "_rebuild_parameter")
ENCODE = ("_codecs", "encode")

_NAMES = {
    "argparse": {"Namespace"},
    "builtins": {"set", "frozenset", "slice", "complex", "bytearray"},
    "__builtin__": {"set", "frozenset", "slice", "complex", "bytearray"},
    "_codecs": {"encode"},
    "numpy": {"ndarray", "dtype"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"},
    "torch": {"Size", "device", "float16", "bfloat16", "float32", "float64", "int64", *STORAGE_DTYPES},
    "torch.nn.modules.linear": {"Identity", "Linear"},
    "torch.nn.parameter": {"Parameter"},
    "torchmetrics.metric": {"jit_distributed_available"},
    "torchmetrics.utilities.data": {"dim_zero_cat", "dim_zero_max", "dim_zero_mean", "dim_zero_min", "dim_zero_sum"},
}
# every class of these modules: heads, metrics and activations that molq does not offer are refused later, by name
_MODULES = {
    "chemprop.nn.agg",
    "chemprop.nn.ffn",
    "chemprop.nn.loss",
    "chemprop.nn.message_passing.base",
    "chemprop.nn.message_passing.mol_atom_bond",
    "chemprop.nn.message_passing.multi",
    "chemprop.nn.metrics",
    "chemprop.nn.predictors",
    "chemprop.nn.transforms",
    "chemprop.nn.utils",
    "torch.nn.modules.activation",
}


def is_allowed(module: str, name: str) -> bool:
    """Whether a checkpoint may name this global. Dotted names are never allowed."""
    if not name.isidentifier():
        return False
    return (
        module in _MODULES
        or name in _NAMES.get(module, ())
        or (module, name) in DICTS
        or (module, name) in (REBUILD_TENSOR, REBUILD_PARAMETER)
    )
