"""What a file is that is no checkpoint of a model, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from molq.interop.inert import TensorRef

HEAD_BYTES = 4096
_SAVE = "save the model with chemprop.models.save_model(path, model)"
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")
_ONNX = re.compile(rb"\x08[\x01-\x1f][\x12\x1a\x22\x2a\x32\x3a\x42]")
"""protobuf: the version of the format, and what may follow it"""
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_HEADER_BYTES = 100_000_000
"""of a safetensors file"""
_N_SHOWN = 3


def foreign_file(head: bytes) -> str:
    """What a file that begins with ``head`` is, in words; it is neither of torch's two formats."""
    if not head:
        return "it is empty"
    if head.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS, not the model; fetch the file itself with `git lfs pull`"
    if head.startswith(_COMPRESSED):
        return "it is compressed; unpack it first"
    if head[257:262] == b"ustar":
        return "it is a tar archive; unpack it first"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= _MAX_HEADER_BYTES:
        if b'"molq"' in head:
            return "it is a .molq model already; give it to `molq screen` or `molq info`, or to molq.load"
        return f"it is a safetensors file, tensors without the hyper-parameters that make them a model; {_SAVE}"
    if head.startswith(b"\x89HDF"):
        return "it is an HDF5 file, as Keras writes them; molq imports chemprop checkpoints"
    if head.startswith(b"\x80"):
        return f"it is a plain pickle, which torch did not write; if it is a chemprop model, {_SAVE}"
    if _ONNX.match(head):
        return "it is an ONNX model, whose layers are not told apart any more; import the checkpoint it was made from"
    if head.lstrip()[:1] == b"<":
        return "it is a web page (HTML or XML), as a download that failed leaves behind"
    if not _BINARY.search(head):
        return "it is a text file, not a torch checkpoint"
    return "not a torch checkpoint: it begins as no file of torch does"


def foreign_root(root: Any) -> str:
    """What a torch file holds, in words, that has no hyper-parameters of a whole model with weights beside them."""
    if isinstance(root, TensorRef):
        return "it is a single tensor, not a model"
    if not isinstance(root, dict):
        return f"it holds no model: its content is a {type(root).__name__}"
    if root and all(isinstance(value, TensorRef) for value in root.values()):
        return _state_dict(root)
    inner = root.get("state_dict", root.get("model_state_dict"))
    if isinstance(inner, dict) and not isinstance(root.get("hyper_parameters"), dict):
        return f"it holds weights and no hyper-parameters, which say what network they are of; {_SAVE}"
    hyper = root.get("hyper_parameters")
    if isinstance(inner, dict) and isinstance(hyper, dict) and "W_i.weight" in inner:
        return (
            "it holds a block of message passing alone, as foundation models such as CheMeleon are given; only a model"
            " that was trained from it has scores"
        )
    shown = ", ".join(repr(key)[:40] for key in list(root)[:_N_SHOWN])
    return f"it is no chemprop checkpoint: it holds {shown or 'nothing'}, not hyper-parameters and a state dict"


def _state_dict(state: Mapping[Any, Any]) -> str:
    names = [repr(key)[:40] for key in state]
    if any(str(key).startswith(("gnns.", "x_embedding")) for key in state):
        return (
            f"it is a state dict of pretrain-gnns ({', '.join(names[:_N_SHOWN])}), whose models molq does not offer;"
            " it imports those of chemprop and ADMET-AI"
        )
    return (
        f"it is a bare state dict of {len(names)} tensors ({', '.join(names[:_N_SHOWN])}), without the hyper-parameters"
        f" that say what network they are of; {_SAVE}"
    )
