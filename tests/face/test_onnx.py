import numpy as np
import onnxruntime
import pytest

import molq
from molq.errors import InputError


def test_smiles_to_scores(tmp_path):
    model = molq.load("bace-dmpnn")
    exported = model.export(tmp_path / "m.onnx")
    assert str(exported).startswith(f"{tmp_path / 'm.onnx'}: ONNX, opset 20")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    smiles = ["CCO", "c1ccccc", "C", "CC(=O)Oc1ccccc1C(=O)O"]
    inputs = molq.onnx_inputs(smiles, session.get_modelmeta().custom_metadata_map["molq"])
    (scores,) = session.run(None, inputs.feed)
    assert inputs.rows.tolist() == [0, 2, 3]
    assert list(inputs.reasons) == [1]
    np.testing.assert_allclose(scores[:, 0], model.predict(smiles)[inputs.rows], atol=1e-6)


def test_the_recipe_is_followed():
    explicit = molq.onnx_inputs(["CCO"], '{"feature_set": "V2", "recipe": {"hydrogens": "explicit"}}')
    assert explicit.feed["atoms"].shape == (9, 72)


def test_other_metadata_and_no_molecule_are_refused():
    with pytest.raises(InputError, match="not those of an exported model"):
        molq.onnx_inputs(["CCO"], '{"feature_set": 3}')
    with pytest.raises(InputError, match="none of the 2 molecules"):
        molq.onnx_inputs(["c1ccccc", "("], '{"feature_set": "V2"}')
