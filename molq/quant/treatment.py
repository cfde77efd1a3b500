"""What a scheme does to each layer of a predictor."""

from __future__ import annotations

from typing import Any

from molq.nn.linear import EXACT_INPUTS, Linear
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site
from molq.quant.scheme import Scheme, Treatment

KEEP_FLOAT = {
    "readout.W": "one logit per atom enters an exponential; 1×d_h weights are too few to matter for size",
}


def treatments(predictor: Predictor, scheme: Scheme) -> dict[str, Treatment]:
    """What the scheme does to every float matrix layer, in the order of the network; without those in KEEP_FLOAT."""
    return {
        name: scheme.for_layer(name, layer_role(predictor, name))
        for name, layer in predictor.named_modules()
        if isinstance(layer, Linear) and name not in KEEP_FLOAT
    }


def static_sites(predictor: Predictor, scheme: Scheme) -> list[Site]:
    """Call sites whose inputs are quantized with a range from calibration."""
    layers: dict[str, Any] = dict(predictor.named_modules())
    return [
        (name, site)
        for name, treatment in treatments(predictor, scheme).items()
        if treatment.activations == "static" and layers[name].role not in EXACT_INPUTS
        for site in range(int(layers[name].sites))
    ]


def layer_role(predictor: Predictor, name: str) -> str:
    """Role of a layer as schemes know it."""
    if name == f"head.layers.{len(predictor.config.head_hidden)}":
        return "output"
    return str(predictor.get_submodule(name).role)
