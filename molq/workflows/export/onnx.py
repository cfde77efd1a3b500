"""A .molq model as an ONNX file that was run before it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from molq.chem.featurize import featurize
from molq.chem.molecule_features.reference import MOLECULES
from molq.chem.packed import PackedGraphs, slice_graphs
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.files import write_whole
from molq.nn.ensemble import Network
from molq.outputs import refuse_output
from molq.quant.layers import IntLinear, matrix_layers
from molq.results.export import Exported
from molq.serial import to_json
from molq.store.molqfile import Loaded
from molq.store.onnx_graph import NEEDED, OPSET, feed, onnx_bytes

TOLERANCE, ODD_TOLERANCE = 1e-4, 5e-2
"""of the spread of a column: for the median of the molecules, and for the oddest one where layers are integer:
a code differs by one where a sum of floats, added up in another order, lies between two of them"""
ROUNDING = 1e-6
"""of the largest score: what float32 cannot tell apart"""


def export_onnx(loaded: Loaded, output: str | Path, *, force: bool = False) -> Exported:
    """Writes the ONNX file of a model, after onnxruntime gave the scores of the engine on eleven molecules.

    They are run one by one, one of them without a bond, and all at once. Raises UnsupportedError when ONNX has no words
    for a part of the network or the scores differ, InputError without the packages that it needs, OutputError as
    ``refuse_output`` does.
    """
    refuse_output(output, [loaded.path], force=force)
    network = loaded.network
    graphs = featurize((*MOLECULES, "C"), recipe=network.recipe).graphs
    described = {
        "feature_set": network.feature_set,
        "recipe": network.recipe,
        "columns": [column.name for column in network.columns],
        "kind": network.kind,
        "scheme": network.scheme,
        "content_hash": loaded.content_hash,
    }
    written = onnx_bytes(network, graphs, {"molq": to_json(described).decode()})
    scores = Engine(network).scores(graphs)
    differences, spread = _differences(written, scores, network.feature_set, graphs), scores.std(0)
    odd = ODD_TOLERANCE if _has_integers(network) else TOLERANCE
    largest = differences.max(0)
    rounding = ROUNDING * np.abs(scores).max(0)
    is_same = (np.median(differences, 0) <= TOLERANCE * spread + rounding) & (largest <= odd * spread + rounding)
    if not is_same.all():
        worst = int(np.argmax(largest / spread))
        raise UnsupportedError(
            f"onnxruntime gives scores for {network.columns[worst].name!r} that differ by {largest[worst]:.2g} from the"
            f" engine's, whose spread is {spread[worst]:.2g}: the file is not kept"
        )
    write_whole(output, written)
    task = int(largest.argmax())
    return Exported(str(output), len(written), OPSET, graphs.n_mols, float(largest[task]), float(spread[task]))


def _differences(written: bytes, expected: np.ndarray, feature_set: str, graphs: PackedGraphs) -> np.ndarray:
    """Of every score [n, C], the larger of both sizes of batches."""
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(f"an ONNX file cannot be checked: {NEEDED}") from error
    try:
        session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
        (at_once,) = session.run(None, feed(graphs, feature_set))
        alone = [slice_graphs(graphs, i, i + 1) for i in range(graphs.n_mols)]
        one_by_one = [session.run(None, feed(graph, feature_set))[0] for graph in alone]
    except Exception as error:
        raise UnsupportedError(f"onnxruntime does not run the file ({str(error).splitlines()[0]:.160})") from error
    differences: np.ndarray = np.abs(np.stack([at_once, np.concatenate(one_by_one)]) - expected).max(0)
    return differences


def _has_integers(network: Network) -> bool:
    return any(
        isinstance(layer, IntLinear) and layer.activations is not None
        for member in network.members
        for layer in matrix_layers(member).values()
    )
