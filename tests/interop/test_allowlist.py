"""The list against what real checkpoints name, and against names that must never be on it."""

import pickletools
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from chemprop import models
from chemprop_networks import network

from molq.interop.allowlist import DICTS, REBUILD_PARAMETER, REBUILD_TENSOR, STORAGE_DTYPES, is_allowed


def named_in(path):
    """The globals that the pickle of a checkpoint names."""
    with zipfile.ZipFile(path) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
        code = archive.read(entry)
    texts, names = [], set()
    for opcode, argument, _ in pickletools.genops(code):
        if opcode.name == "GLOBAL":
            names.add(tuple(argument.split(" ")))
        elif opcode.name == "STACK_GLOBAL":
            names.add(tuple(texts[-2:]))
        elif isinstance(argument, str):
            texts.append(argument)
    return names


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
def test_everything_that_real_checkpoints_name_is_allowed(tmp_path):
    models.save_model(tmp_path / "model.pt", network(agg="attentive", activation="prelu", scaled=True), ["a", "b"])
    admet = Path(find_spec("admet_ai").origin).parent / "resources" / "models"
    for path in (tmp_path / "model.pt", *sorted(admet.glob("*/model_0.pt"))):
        names = named_in(path)
        assert {REBUILD_TENSOR, ("torch", "FloatStorage")} <= names
        assert [name for name in names if not is_allowed(*name)] == []


def test_a_dotted_name_is_allowed_nowhere():
    allowed = [*DICTS, REBUILD_TENSOR, REBUILD_PARAMETER, ("chemprop.nn.agg", "MeanAggregation"), ("torch", "Size")]
    for module, name in allowed:
        assert is_allowed(module, name)
        for hostile in (f"{name}.__init__", f"{name}.__globals__", "", " ", f"{name} ", f"{name}()"):
            assert not is_allowed(module, hostile)
        assert not is_allowed(f"{module}.sub", name)
        assert not is_allowed("", name)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("__builtin__", "exec"),
        ("torch", "load"),
        ("torch", "hub"),
        ("torch._utils", "_rebuild_from_type_v2"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "fromfile"),
        ("collections", "namedtuple"),
        ("pathlib", "os"),
        ("chemprop.nn", "agg"),
        ("chemprop.cli.main", "main"),
        ("os", "system"),
    ],
)
def test_what_could_run_code_or_open_files_is_not(module, name):
    assert not is_allowed(module, name)


@pytest.mark.filterwarnings("ignore:TypedStorage")
@pytest.mark.parametrize("name", STORAGE_DTYPES)
def test_a_storage_is_read_as_torch_stores_it(name):
    dtype = getattr(torch, name).dtype
    if name == "BFloat16Storage":
        assert STORAGE_DTYPES[name] == "bfloat16"
        assert dtype is torch.bfloat16
    else:
        assert torch.empty(0, dtype=dtype).numpy().dtype == np.dtype(STORAGE_DTYPES[name])
