import numpy as np
import onnx
import onnxruntime
import pytest
import variety
from molecules import DRUGS

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.chem.recipe import Recipe
from molq.engine.engine import Engine
from molq.errors import UnsupportedError
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.store.onnx_graph import INPUTS, OPSET, feed, onnx_bytes

GRAPHS = featurize(DRUGS).graphs
KINDS = [
    next(config for config in variety.VARIETY if config.architecture == "attentivefp"),
    next(config for config in variety.VARIETY if config.architecture == "ampnn" and config.undirected),
    next(config for config in variety.VARIETY if config.readout == "attentive"),
    default_config("dmpnn", ("a", "b"), "regression", d_h=32, uncertainty="evidential"),
]


def run(written, graphs, feature_set):
    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    return session.run(None, feed(graphs, feature_set))[0]


@pytest.mark.parametrize("config", KINDS, ids=variety.named)
def test_every_architecture_and_size_of_batch(config):
    network = variety.network(config, "int8")
    written = onnx_bytes(network, GRAPHS, {})
    for graphs in (GRAPHS, slice_graphs(GRAPHS, 1, 2), featurize(["C"]).graphs):
        expected = Engine(network).scores(graphs)
        differences = np.abs(run(written, graphs, config.feature_set) - expected)
        assert differences.max() < 2e-2
        assert np.median(differences) < 2e-6 or graphs.n_mols == 1  # a code between two integers is rare, not common


def test_members_are_averaged_and_the_file_describes_itself():
    config = variety.VARIETY[0]
    network = Ensemble([variety.network(config), variety.network(config)])
    written = onnx_bytes(network, GRAPHS, {"molq": "told"})
    np.testing.assert_allclose(run(written, GRAPHS, "V2"), Engine(network).scores(GRAPHS), atol=1e-6)
    model = onnx.load_from_string(written)
    onnx.checker.check_model(model)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", OPSET)]
    assert [i.name for i in model.graph.input] == list(INPUTS[:4])
    assert {entry.key: entry.value for entry in model.metadata_props}["molq"] == "told"


@pytest.mark.parametrize(("scheme", "kind"), [("fp16", "FLOAT16"), ("int8", "INT8")])
def test_large_weights_keep_their_width(scheme, kind):
    model = onnx.load_from_string(onnx_bytes(variety.network(variety.VARIETY[0], scheme), GRAPHS, {}))
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) > 8192]
    assert {tensor.data_type for tensor in large} == {getattr(onnx.TensorProto, kind)}
    n_quantized = [node.op_type for node in model.graph.node].count("QuantizeLinear")
    assert n_quantized == (3 if scheme == "int8" else 0)  # W_h twice, and W_o


def test_nothing_of_this_machine_is_in_the_file():
    written = onnx_bytes(variety.network(variety.VARIETY[0]), GRAPHS, {})
    assert b".py" not in written
    n_weights = sum(tensor.numel() for tensor in variety.network(variety.VARIETY[0]).state_dict().values())
    assert len(written) < 4 * n_weights + 20_000


def test_bf16_is_refused_by_name():
    with pytest.raises(UnsupportedError, match="bf16"):
        onnx_bytes(variety.network(variety.VARIETY[0], "bf16"), GRAPHS, {})


def test_molecule_features_are_an_input():
    recipe = Recipe(molecule_features=("morgan_binary",))
    graphs = featurize(DRUGS, recipe=recipe).graphs
    extras = graphs.extras.shape[1]
    network = variety.network(default_config("dmpnn", ("a",), "regression", d_h=32, recipe=recipe, extras=extras))
    written = onnx_bytes(network, graphs, {})
    assert [i.name for i in onnx.load_from_string(written).graph.input] == list(INPUTS)
    np.testing.assert_allclose(run(written, graphs, "V2"), Engine(network).scores(graphs), atol=1e-5)


def test_no_sum_is_left_to_an_operator_that_loses_rows():
    written = onnx_bytes(variety.network(variety.VARIETY[0]), GRAPHS, {})
    assert "ScatterND" not in {node.op_type for node in onnx.load_from_string(written).graph.node}
