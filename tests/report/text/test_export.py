from molq.report.text.export import export_text
from molq.results.export import Exported


def test_size_and_nearness():
    text = export_text(Exported("m.onnx", 1_383_606, 20, 10, 8.9e-08, 0.25))
    assert "m.onnx: ONNX, opset 20, 1,383,606 bytes" in text
    assert "at most 8.9e-08 on 10 molecules" in text
