"""Which layers of a model suffer when they are quantized, and what flows into them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field

from molq.results.calibration import CalibrationRecord
from molq.results.changes import ScoreChange
from molq.results.fidelity import Fidelity, ProbeSection
from molq.results.machine import Machine
from molq.results.mixed import ExecutedMix
from molq.results.plain import plain
from molq.results.shown import Result
from molq.results.yardstick import Baseline, YardstickSection

SENSITIVITY_FORMAT = 1


class Channel(Result, frozen=True, omit_defaults=True):
    """An input channel of a layer."""

    index: int
    largest: float
    """magnitude"""
    ratio: float
    """to the median channel that is not always 0"""
    by: str | None = None
    """SMILES of the molecule that sent the largest"""


class SiteActivations(Result, frozen=True, omit_defaults=True):
    """Inputs of a layer at one of its call sites."""

    layer: str
    site: int
    low: float
    high: float
    range: tuple[float, float] | None
    """what the codes cover; None when inputs are not quantized with a fixed range"""
    beyond: float | None
    """share of the values that are not 0 and lie beyond the range"""
    overshoot: float | None
    """largest magnitude over the largest that the range holds"""
    outliers: tuple[Channel, ...]
    """channels much larger than the median one, the largest first, at most ten of them"""
    n_outliers: int
    largest_ratio: float
    """of any channel to the median channel"""
    never_excited: int
    """channels that are always 0"""
    n_channels: int
    edges: tuple[float, ...]
    """[bars + 1]"""
    counts: tuple[float, ...]
    """values per bar between the edges"""
    low_by: str | None = None
    """SMILES of the molecule that sent the smallest; None where nothing lies below 0"""
    high_by: str | None = None


class LayerSensitivity(Result, frozen=True):
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


class NamedModel(Result, frozen=True):
    """The float model that was looked at."""

    path: str
    name: str
    content_hash: str


class Sensitivity(Result, frozen=True):
    """Every layer of a model under one scheme, all executed on the same molecules."""

    format: int
    """SENSITIVITY_FORMAT"""
    model: NamedModel
    probe: ProbeSection = field(name="target")
    calibration: CalibrationRecord | None
    statistics: YardstickSection
    scheme: str
    baseline: Baseline | None
    """metric of the float model; None without labels that define it"""
    machine: Machine = field(name="environment")
    whole: Fidelity
    """all layers quantized"""
    layers: tuple[LayerSensitivity, ...]
    sites: tuple[SiteActivations, ...]
    """of the first member on the calibration set, with the ranges chosen there; on the target when there is no set"""
    front: tuple[ExecutedMix, ...] | None = None
    """executed mixes that no other beats in size and error, the smallest first; None unless they were asked for"""
    changes: tuple[ScoreChange, ...] = ()
    """molecules that moved farthest with all layers quantized"""

    def ranked(self) -> list[LayerSensitivity]:
        """The layer whose quantization alone does most harm first."""
        return sorted(self.layers, key=lambda layer: -layer.alone.score_mse)


@plain.register
def _sensitivity(value: Sensitivity) -> dict[str, Any]:
    """Without ``front`` where it was not asked for, and without changes where there are none."""
    left_out = {name for name, found in (("front", value.front), ("changes", value.changes or None)) if found is None}
    stated = [f for f in msgspec.structs.fields(value) if f.name not in left_out]
    return {f.encode_name: plain(getattr(value, f.name)) for f in stated}
