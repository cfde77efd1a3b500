"""Which layers of a model suffer when they are quantized: one at a time, and one spared at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from molq.chem.packed import batches
from molq.files import make_folder, write_whole
from molq.nn.ensemble import Network
from molq.quant.convert import KEEP_FLOAT, quantize
from molq.quant.layers import layer_table, matrix_layers
from molq.quant.scheme import Scheme
from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.store.molqfile import Loaded
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.compare.machine import this_machine
from molq.workflows.precision.activations import SiteActivations, site_activations
from molq.workflows.precision.calibration import CalibrationMolecules

Progress = Callable[[int, int | None], None]
RESULTS_FORMAT = 1


@dataclass(frozen=True)
class LayerSensitivity:
    """One layer of the model, under the scheme."""

    name: str
    role: str
    weights: str
    """stored type under the scheme"""
    n_bytes_float: int
    n_bytes: int
    """of all members of an ensemble"""
    alone: Fidelity
    """this layer quantized, the rest in float"""
    spared: Fidelity
    """this layer in float, the rest quantized"""

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "name": self.name,
            "role": self.role,
            "weights": self.weights,
            "n_bytes_float": self.n_bytes_float,
            "n_bytes": self.n_bytes,
            "alone": plain(self.alone),
            "spared": plain(self.spared),
        }


@dataclass(frozen=True)
class Sensitivity:
    """Every layer of a model under one scheme, all executed on the same molecules."""

    model: dict[str, Any]
    target: dict[str, Any]
    calibration: dict[str, Any] | None
    statistics: dict[str, Any]
    scheme: str
    baseline: dict[str, float] | None
    """metric of the float model with its interval; None without labels that define it"""
    whole: Fidelity
    """all layers quantized"""
    layers: list[LayerSensitivity]
    sites: list[SiteActivations]
    """of the first member on the calibration set, with the ranges chosen there; on the target when there is no set"""
    environment: dict[str, Any]

    def ranked(self) -> list[LayerSensitivity]:
        """The layer whose quantization alone does most harm first."""
        return sorted(self.layers, key=lambda layer: -layer.alone.score_mse)

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        rest = {k: v for k, v in self.__dict__.items() if k not in ("whole", "layers", "sites")}
        return {
            "format": RESULTS_FORMAT,
            **rest,
            "whole": plain(self.whole),
            "layers": [layer.to_dict() for layer in self.layers],
            "sites": [site.to_dict() for site in self.sites],
        }


def measure_sensitivity(
    source: Loaded,
    scheme: Scheme,
    calibration: CalibrationMolecules | None,
    on: Yardstick,
    progress: Progress | None = None,
) -> Sensitivity:
    """Each layer of the float model quantized alone, and spared alone; 2·layers + 1 models are made and executed."""
    model = source.network
    names = quantizable_layers(model)
    whole = quantized(model, scheme, calibration)
    stored, floats = layer_bytes(whole), layer_bytes(model)
    weights = {row.name: row.weights for row in layer_table(whole.members[0])}
    layers = []
    for i, name in enumerate(names):
        if progress is not None:
            progress(i, len(names))
        layers.append(
            LayerSensitivity(
                name=name,
                role=matrix_layers(model.members[0])[name].role,
                weights=weights[name],
                n_bytes_float=floats[name],
                n_bytes=stored[name],
                alone=on.compare(quantized(model, only(scheme, name), calibration)),
                spared=on.compare(quantized(model, scheme.with_overrides((name, "fp32")), calibration)),
            )
        )
    baseline = on.baseline()
    seen = on.probe.graphs if calibration is None else calibration.graphs
    return Sensitivity(
        model={"path": str(source.path), "name": source.card.name, "content_hash": source.content_hash},
        target=plain(on.probe.section),
        calibration=None if calibration is None else plain(calibration.record(scheme.observer)),
        statistics={
            "metric": on.metric,
            "kind": on.kind,
            "margin": on.margin,
            "n_resamples": on.n_resamples,
            "seed": on.seed,
        },
        scheme=scheme.name,
        baseline=None if baseline is None else {"value": baseline.value, "low": baseline.low, "high": baseline.high},
        whole=on.compare(whole),
        layers=layers,
        sites=site_activations(whole.members[0], batches(seen)),
        environment=plain(this_machine()),
    )


def quantizable_layers(model: Network) -> list[str]:
    """Names of the layers that schemes treat, the same in every member."""
    return [name for name in matrix_layers(model.members[0]) if name not in KEEP_FLOAT]


def only(scheme: Scheme, layer: str) -> Scheme:
    """The scheme applied to one layer, the rest in float."""
    return replace(scheme, overrides=(("*", "fp32"), (layer, scheme.name)))


def quantized(model: Network, scheme: Scheme, calibration: CalibrationMolecules | None) -> Network:
    """The float model quantized."""
    used = batches(calibration.graphs) if calibration is not None and scheme.needs_calibration else None
    return quantize(model, scheme, used)


def layer_bytes(model: Network) -> dict[str, int]:
    """Bytes of each layer, all members together."""
    total: dict[str, int] = {}
    for member in model.members:
        for row in layer_table(member):
            total[row.name] = total.get(row.name, 0) + row.n_bytes
    return total


def write_sensitivity(folder: Path, results: Mapping[str, Any]) -> None:
    """``sensitivity.json``, the content of ``Sensitivity.to_dict``. Raises OutputError when it cannot be written."""
    path = make_folder(folder) / "sensitivity.json"
    write_whole(path, json.dumps(results, indent=2, allow_nan=False) + "\n")
