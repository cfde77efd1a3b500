from __future__ import annotations

from msgspec import structs

from molq.results.accuracy import Agreement
from molq.results.fidelity import Fidelity, ProbeSection
from molq.results.machine import Machine
from molq.results.mixed import ExecutedMix
from molq.results.plain import plain
from molq.results.sensitivity import SENSITIVITY_FORMAT, LayerSensitivity, NamedModel, Sensitivity
from molq.results.yardstick import YardstickSection


def fidelity(score_mse: float) -> Fidelity:
    return Fidelity(score_mse, 1e-3, 30.0, Agreement(1.0, 1.0, 1.0, 0.0), None, None)


FOUND = Sensitivity(
    format=SENSITIVITY_FORMAT,
    model=NamedModel("m.molq", "m", "ab"),
    probe=ProbeSection("library", 60, False, None, 60),
    calibration=None,
    statistics=YardstickSection("roc_auc", "classification", 0.0, 1000, 0),
    scheme="int8",
    baseline=None,
    machine=Machine({}, "Linux", "a CPU", 2, "AVX2", "int8 instructions", "rounded float32"),
    whole=fidelity(1e-3),
    layers=(
        LayerSensitivity("mild", "message", "int8", 40, 10, fidelity(1e-5), fidelity(1e-3)),
        LayerSensitivity("worst", "head", "int8", 40, 10, fidelity(1e-3), fidelity(1e-5)),
    ),
    sites=(),
)


def test_the_layer_that_does_most_harm_comes_first() -> None:
    assert [layer.name for layer in FOUND.ranked()] == ["worst", "mild"]


def test_keys_of_the_file() -> None:
    stated = plain(FOUND)
    assert stated["environment"]["processor"] == "a CPU"
    assert stated["target"]["molecules"] == 60
    assert stated["layers"][0]["alone"]["score_mse"] == 1e-5
    assert "front" not in stated
    mix = ExecutedMix({"mild": "fp16"}, 100, 1e-4, fidelity(1e-4))
    assert plain(structs.replace(FOUND, front=(mix,)))["front"][0]["size_bytes"] == 100
