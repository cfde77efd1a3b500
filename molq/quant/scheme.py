"""Quantization schemes: values with names."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, replace
from typing import Any

from molq.errors import InputError


@dataclass(frozen=True)
class Treatment:
    """What a scheme does to one layer."""

    weights: str
    activations: str | None
    rounding: str
    bias_correction: bool

    @property
    def learns(self) -> bool:
        """Whether integer weights or the bias depend on a calibration set."""
        return self.rounding != "nearest" or self.bias_correction


@dataclass(frozen=True)
class Scheme:
    """How the weights of a predictor are stored and how its matrix products are executed.

    ``weights`` is the stored type: ``fp32``, ``fp16``, ``bf16``, ``int8`` (symmetric, one scale per output channel) or
    ``int4``, ``int3``, ``int2`` (also a multiplier per group of inputs). ``activations`` is None when products run in
    float32, ``static`` when inputs are quantized to 8 bits with a range fixed by calibration, ``dynamic`` when every
    row brings its own range. Layers whose role is in ``int8_roles`` have int8 weights whatever ``weights`` says; those
    whose role is in ``dynamic_roles`` are dynamic where the scheme is static. Roles are those of molq.nn.linear, and
    ``output`` for the last layer of the head. ``overrides`` gives layers that match a glob pattern the treatment of
    another named scheme, except for its ``int8_roles``; the last match counts.

    Ranges are taken by ``observer``, or by that of ``site_observers`` whose glob pattern is the last to match
    ``layer:site``, such as ("encoder.W_h:*", "mse"); ``auto`` takes the best one for each site (molq.quant.ranges).

    With a calibration set, integer weights can be made better: ``rounding`` is ``nearest``, ``gptq`` or ``adaround``
    (molq.quant.rounding), ``equalize`` migrates scales between layers first (molq.quant.equalize), and
    ``bias_correction`` moves the mean error of a layer's output into the bias that is added to it.
    """

    name: str
    weights: str
    activations: str | None = None
    observer: str = "minmax"
    site_observers: tuple[tuple[str, str], ...] = ()
    int8_roles: tuple[str, ...] = ()
    dynamic_roles: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    rounding: str = "nearest"
    equalize: bool = False
    bias_correction: bool = False

    @property
    def needs_calibration(self) -> bool:
        """Whether anything is taken from a calibration set."""
        return self.learns or self.equalize or self.has_static_layers

    @property
    def learns(self) -> bool:
        """Whether integer weights or biases depend on a calibration set."""
        return any(s.rounding != "nearest" or s.bias_correction for s in self._named)

    @property
    def has_integers(self) -> bool:
        """Whether any layer may have integer weights."""
        return any(s.weights.startswith("int") for s in self._named)

    @property
    def has_static_layers(self) -> bool:
        """Whether any layer takes its activation range from a calibration set."""
        return any(s.activations == "static" for s in self._named)

    @property
    def _named(self) -> tuple[Scheme, ...]:
        return (self, *(get_scheme(name) for _, name in self.overrides))

    def for_layer(self, layer: str, role: str = "") -> Treatment:
        """What happens to the layer of that name and role."""
        named = [name for pattern, name in self.overrides if fnmatch.fnmatchcase(layer, pattern)]
        scheme = get_scheme(named[-1]) if named else self
        is_dynamic = scheme.activations == "static" and role in scheme.dynamic_roles
        return Treatment(
            weights="int8" if not named and role in self.int8_roles else scheme.weights,
            activations="dynamic" if is_dynamic else scheme.activations,
            rounding=self.rounding if self.rounding != "nearest" else scheme.rounding,
            bias_correction=self.bias_correction or scheme.bias_correction,
        )

    def observer_for(self, layer: str, site: int) -> str:
        """Name of the observer of that call site."""
        matching = [name for pattern, name in self.site_observers if fnmatch.fnmatchcase(f"{layer}:{site}", pattern)]
        return matching[-1] if matching else self.observer

    def with_options(
        self, *, rounding: str | None = None, equalize: bool | None = None, bias_correction: bool | None = None
    ) -> Scheme:
        """The scheme with those options, where they are not None."""
        return replace(
            self,
            rounding=self.rounding if rounding is None else rounding,
            equalize=self.equalize if equalize is None else equalize,
            bias_correction=self.bias_correction if bias_correction is None else bias_correction,
        )

    def with_overrides(self, *overrides: tuple[str, str]) -> Scheme:
        """The scheme with more per-layer overrides, each (glob pattern on the layer's name, scheme name)."""
        for _, name in overrides:
            get_scheme(name)
        return replace(self, overrides=self.overrides + overrides)


# those that few bits hurt most: first rows of every sum, the last word on every task, and what descriptors of many
# magnitudes are multiplied by
_SENSITIVE = ("table", "output", "extras")
# one row per molecule, and the unusual molecules of a library are those with rows beyond any calibrated range
_PER_MOLECULE = ("head", "output")
_FITTED: dict[str, Any] = {
    "int8_roles": _SENSITIVE,
    "dynamic_roles": _PER_MOLECULE,
    "rounding": "gptq",
    "equalize": True,
    "bias_correction": True,
}

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("fp32", "fp32"),
        Scheme("fp16", "fp16"),
        Scheme("bf16", "bf16"),
        Scheme("int8-dynamic", "int8", "dynamic"),
        Scheme("int8", "int8", "static", dynamic_roles=_PER_MOLECULE),
        Scheme("int8-weight-only", "int8"),
        Scheme("w4a16", "int4", int8_roles=_SENSITIVE),
        Scheme("w4a8", "int4", "static", **_FITTED),
        Scheme("w3a8", "int3", "static", **_FITTED),
        Scheme("w2a8", "int2", "static", **_FITTED),
    )
}


def get_scheme(name: str) -> Scheme:
    """The scheme of that name. Raises InputError when there is none."""
    if name not in SCHEMES:
        raise InputError(f"unknown scheme {name!r}: choose one of {', '.join(SCHEMES)}")
    return SCHEMES[name]
