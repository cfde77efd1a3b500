"""The layers of a model that schemes treat: one alone, all, and the bytes they take."""

from __future__ import annotations

from dataclasses import replace

from molq.chem.packed import batches
from molq.nn.ensemble import Network
from molq.quant.convert import KEEP_FLOAT, quantize
from molq.quant.layers import layer_table, matrix_layers
from molq.quant.scheme import Scheme
from molq.workflows.precision.calibration import CalibrationMolecules


def quantizable_layers(network: Network) -> list[str]:
    """Names of the layers that schemes treat, the same in every member."""
    return [name for name in matrix_layers(network.members[0]) if name not in KEEP_FLOAT]


def only(scheme: Scheme, layer: str) -> Scheme:
    """The scheme applied to one layer, the rest in float."""
    return replace(scheme, overrides=(("*", "fp32"), (layer, scheme.name)))


def quantized(network: Network, scheme: Scheme, calibration: CalibrationMolecules | None) -> Network:
    """The float network quantized."""
    used = batches(calibration.graphs) if calibration is not None and scheme.needs_calibration else None
    return quantize(network, scheme, used)


def layer_bytes(network: Network) -> dict[str, int]:
    """Bytes of each layer, all members together."""
    total: dict[str, int] = {}
    for member in network.members:
        for row in layer_table(member):
            total[row.name] = total.get(row.name, 0) + row.n_bytes
    return total
