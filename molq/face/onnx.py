"""What an exported model takes: the graphs of molecules as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from molq.chem.featurize import featurize
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError
from molq.serial import from_json
from molq.store.onnx_graph import feed


class OnnxInputs(NamedTuple):
    """The inputs of the molecules that could be read, and why the others could not."""

    feed: dict[str, NDArray]
    """``atoms`` float32 [N, d_v], ``bonds`` float32 [B, d_e], ``ends`` int64 [B, 2], ``n_atoms`` int64 [n]"""
    rows: NDArray[np.int64]
    """[n]: the places of these molecules among the SMILES"""
    reasons: dict[int, str]
    """place → why there is no graph"""


class _Told(msgspec.Struct):
    feature_set: str
    recipe: Recipe = PLAIN


def onnx_inputs(smiles: Sequence[str], described: str, *, max_atoms: int = 1000) -> OnnxInputs:
    """The molecules as a model of ``Model.export`` takes them.

    ``described`` is what the file says of itself under ``molq``; of an onnxruntime ``session`` it is
    ``session.get_modelmeta().custom_metadata_map["molq"]``. Raises InputError when ``Model.export`` did not write it.

    >>> import molq
    >>> inputs = molq.onnx_inputs(["CCO", "c1ccccc"], '{"feature_set": "V2"}')
    >>> inputs.feed["atoms"].shape, inputs.rows.tolist(), list(inputs.reasons)
    ((3, 72), [0], [1])
    """
    told = from_json(described, _Told, "the metadata of the ONNX file are not those of an exported model")
    found = featurize(list(smiles), max_atoms, told.recipe)
    if not len(found.index):
        raise InputError(f"none of the {len(smiles):,} molecules could be read, so there is nothing to score")
    reasons = {rejected.row: rejected.reason for rejected in found.rejected}
    return OnnxInputs(feed(found.graphs, told.feature_set), found.index, reasons)
