import json
import sys

import numpy as np
import onnxruntime
import pytest
import variety

from molq.chem.featurize import featurize
from molq.data.labels import load_dataset
from molq.engine.engine import Engine
from molq.errors import InputError, OutputError, UnsupportedError
from molq.face.bundled import model_path
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme
from molq.store import onnx_graph
from molq.store.card import Card
from molq.store.molqfile import load, save
from molq.store.onnx_graph import feed
from molq.workflows.export import onnx
from molq.workflows.export.onnx import export_onnx


@pytest.fixture(scope="module")
def trained():
    return load(model_path("bace-dmpnn"))


@pytest.fixture(scope="module")
def graphs():
    return featurize(load_dataset("bace").smiles[:100]).graphs


@pytest.mark.parametrize("scheme", ["fp16", "w4a8"])
def test_onnxruntime_gives_the_scores_of_the_engine(trained, graphs, scheme, tmp_path):
    network = quantize(trained.network, get_scheme(scheme), [graphs])
    made = save(tmp_path / "m.molq", network, Card("m"))
    exported = export_onnx(made, tmp_path / "m.onnx")
    assert exported.size_bytes == (tmp_path / "m.onnx").stat().st_size
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    (scores,) = session.run(None, feed(graphs, "V2"))
    expected = Engine(network).scores(graphs)
    differences = np.abs(scores - expected) / expected.std(0)
    assert scores.shape == expected.shape
    assert np.median(differences) < 1e-5
    assert differences.max() < (1e-4 if scheme.startswith("fp") else 5e-2)
    told = json.loads(session.get_modelmeta().custom_metadata_map["molq"])
    assert told["columns"] == ["Class"]
    assert told["content_hash"] == made.content_hash


def test_scores_that_differ_are_not_kept(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_graph, "scores_of_outputs", lambda found, outputs: found + 0.01)
    with pytest.raises(UnsupportedError, match=r"'Class' that differ by 0.01.*not kept"):
        export_onnx(trained, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_an_output_in_the_way_and_missing_packages_are_said(trained, tmp_path, monkeypatch):
    (tmp_path / "m.onnx").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        export_onnx(trained, tmp_path / "m.onnx")
    for package in ("onnxruntime", "onnxscript"):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError, match=r"pip install molq\[onnx\]"):
            export_onnx(trained, tmp_path / "n.onnx")
    assert (tmp_path / "m.onnx").read_text() == "mine"


def test_integers_may_differ_by_a_code_and_floats_may_not():
    floats, integers = (variety.network(variety.VARIETY[0], scheme) for scheme in ("fp32", "int8"))
    assert not onnx._has_integers(floats)
    assert onnx._has_integers(integers)
