"""Mixed precision: a scheme per layer, searched for under a budget and verified by executing the saved file.

Each layer is quantized alone at every precision. The mean squared error it adds to the scores is taken to be additive,
which gives the plans that might be best; plans are then made, saved, loaded and executed. Where a prediction was wrong,
the error of each layer is measured anew, as what goes away when that layer of the plan is spared, and the search goes
on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from molq.errors import InputError
from molq.quant.layers import layer_table
from molq.quant.scheme import SCHEMES, Scheme
from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.store.molqfile import Loaded, load, save
from molq.store.schema import MIXED
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.precision.budget import Option, Plan, pareto_front
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded
from molq.workflows.precision.sensitivity import layer_bytes, quantizable_layers, quantized

Progress = Callable[[int, int | None], None]
BASE = "int8"
LADDER = ("w4a8", "int8", "fp16", "fp32")
"""a scheme per precision: 4, 8, 16 and 32 bits"""
TOLERANCE = 1.5
"""measured over predicted error beyond which the search is repeated with corrected errors"""
MAX_ROUNDS = 5
N_SPREAD = 6


@dataclass(frozen=True)
class Budget:
    """What the file may cost: bytes, or loss of the metric against float. Exactly one is given."""

    max_bytes: int | None = None
    max_drop: float | None = None

    def __post_init__(self) -> None:
        if (self.max_bytes is None) == (self.max_drop is None):
            raise InputError("mixed precision needs one budget: --max-size or --max-drop")
        if self.max_bytes is not None and self.max_bytes <= 0:
            raise InputError(f"--max-size must be positive, not {self.max_bytes}")
        if self.max_drop is not None and not self.max_drop >= 0:
            raise InputError(f"--max-drop must not be negative, not {self.max_drop}")


@dataclass(frozen=True)
class Executed:
    """A plan that was saved, loaded back and executed."""

    options: dict[str, str]
    """layer → scheme"""
    predicted_error: float
    size_bytes: int
    """of the saved file"""
    fidelity: Fidelity

    def fields(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "layers": self.options,
            "size_bytes": self.size_bytes,
            "predicted_score_mse": self.predicted_error,
            **plain(self.fidelity),
        }


@dataclass(frozen=True)
class MixedSearch:
    """The plan chosen under a budget, and all that were executed on the way."""

    chosen: Executed
    executed: list[Executed]
    """the smallest first"""
    front: list[Plan]
    """predicted, the bytes being those of the file"""
    options: dict[str, list[Option]]

    def to_dict(self) -> dict[str, Any]:
        """In JSON types."""
        return {
            "chosen": self.chosen.fields(),
            "executed": [plan.fields() for plan in self.executed],
            "predicted_front": [{"size_bytes": plan.n_bytes, "predicted_score_mse": plan.error} for plan in self.front],
            "options": {name: [option._asdict() for option in options] for name, options in self.options.items()},
        }


def search_mixed(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    budget: Budget,
    *,
    template: Scheme = SCHEMES[BASE],
    measure_front: bool = True,
    progress: Progress | None = None,
) -> MixedSearch:
    """The plan of least error within ``max_bytes``, or the smallest file whose metric drops by ``max_drop`` at most.

    Observer, rounding and equalization are those of the ``template``. With ``measure_front``, N_SPREAD plans between
    the smallest and fp16 are executed too, to weigh size and accuracy. Raises InputError when no plan fits the size, or
    when a drop is asked for and there are no labels that define the metric.
    """
    if budget.max_drop is not None and on.baseline() is None:
        missing = "has none for this model" if on.probe.labels is None else f"has none that give a {on.metric}"
        raise InputError(f"--max-drop needs labels, and {on.probe.name} {missing}; give --max-size")
    options = layer_options(source, calibration, on, template, progress)
    searcher = _Searcher(source, calibration, on, template, options)
    if measure_front:
        searcher.execute_spread()
    chosen = searcher.within_size(budget.max_bytes) if budget.max_bytes else searcher.within_drop(budget.max_drop or 0)
    return MixedSearch(
        chosen, sorted(searcher.executed.values(), key=lambda e: e.size_bytes), searcher.front(), searcher.options
    )


def measured_front(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    *,
    template: Scheme = SCHEMES[BASE],
    progress: Progress | None = None,
) -> list[Executed]:
    """Executed plans from the smallest file to one of 16 bits, those left out that another beats in size and error."""
    options = layer_options(source, calibration, on, template, progress)
    searcher = _Searcher(source, calibration, on, template, options)
    searcher.execute_spread()
    kept: list[Executed] = []
    for found in sorted(searcher.executed.values(), key=lambda e: (e.size_bytes, e.fidelity.score_mse)):
        if not kept or found.fidelity.score_mse < kept[-1].fidelity.score_mse:
            kept.append(found)
    return kept


def mixed_scheme(options: dict[str, str], template: Scheme = SCHEMES[BASE]) -> Scheme:
    """The scheme that treats each layer with the scheme named for it, otherwise like the template."""
    return replace(template, name=MIXED, overrides=()).with_overrides(*options.items())


def mixed_model(
    source: Loaded, calibration: CalibrationMolecules, options: dict[str, str], template: Scheme = SCHEMES[BASE]
) -> QuantizedModel:
    """The float model of a file with each layer treated as named; its card says so."""
    return quantize_loaded(source, mixed_scheme(options, template), calibration)


def layer_options(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    template: Scheme = SCHEMES[BASE],
    progress: Progress | None = None,
) -> dict[str, list[Option]]:
    """Per layer, what each precision of LADDER stores and adds to the error when it is the only layer quantized."""
    names, ladder = quantizable_layers(source.network), [s for s in LADDER if s in SCHEMES and s != "fp32"]
    floats = layer_bytes(source.network)
    options: dict[str, list[Option]] = {name: [] for name in names}
    done = 0
    for scheme in ladder:
        everywhere = template.with_overrides(("*", scheme))
        stored = quantized(source.network, everywhere, calibration).members[0]
        weights = {row.name: row.weights for row in layer_table(stored)}
        for name in names:
            if progress is not None:
                progress(done, len(names) * len(ladder))
            done += 1
            if weights[name] == "int8" and scheme != BASE:
                continue  # this scheme treats the layer as int8 does
            made = quantized(source.network, template.with_overrides(("*", "fp32"), (name, scheme)), calibration)
            options[name].append(Option(scheme, layer_bytes(made)[name], on.compare(made).score_mse))
    return {name: [*found, Option("fp32", floats[name], 0.0)] for name, found in options.items()}


class _Searcher:
    """Plans made, executed and remembered; errors of layers are corrected by what was measured."""

    def __init__(
        self,
        source: Loaded,
        calibration: CalibrationMolecules,
        on: Yardstick,
        template: Scheme,
        options: dict[str, list[Option]],
    ) -> None:
        self.source, self.calibration, self.on, self.template = source, calibration, on, template
        self.options = options
        self.executed: dict[tuple[str, ...], Executed] = {}
        self.overhead = source.size_bytes - sum(layer_bytes(source.network)[name] for name in options)

    def front(self) -> list[Plan]:
        """Predicted plans, the smallest first, with the bytes of the whole file."""
        return [plan._replace(n_bytes=plan.n_bytes + self.overhead) for plan in pareto_front(self.options)]

    def execute_spread(self) -> None:
        """Executes plans of evenly spaced sizes, up to that of a file of 16 bits."""
        front = self.front()
        sizes = np.linspace(front[0].n_bytes, min(front[-1].n_bytes, self.source.size_bytes / 2), N_SPREAD)
        for size in sizes:
            self.execute(max((plan for plan in front if plan.n_bytes <= size), key=lambda plan: plan.n_bytes))

    def within_size(self, max_bytes: int) -> Executed:
        """The plan of least measured error whose saved file fits."""
        for _ in range(MAX_ROUNDS):
            front = self.front()
            fitting = [plan for plan in front if plan.n_bytes <= max_bytes]
            if not fitting:
                raise InputError(f"no plan fits {max_bytes:,} bytes: the smallest file takes {front[0].n_bytes:,}")
            if fitting[-1].options in self.executed:
                break
            found = self.execute(fitting[-1])
            self.overhead += max(found.size_bytes - fitting[-1].n_bytes, 0)
            if found.size_bytes <= max_bytes and not self._correct(fitting[-1], found):
                break
        within = [found for found in self.executed.values() if found.size_bytes <= max_bytes]
        if not within:
            raise InputError(f"no plan fits {max_bytes:,} bytes: the smallest found takes {self._smallest():,}")
        return min(within, key=lambda found: (found.fidelity.score_mse, found.size_bytes))

    def within_drop(self, max_drop: float) -> Executed:
        """The smallest executed file whose metric drops by no more, found by halving the front."""
        front = self.front()
        low, high = 0, len(front) - 1
        while low < high:
            middle = (low + high) // 2
            if _drop(self.execute(front[middle])) <= max_drop:
                high = middle
            else:
                low = middle + 1
        self.execute(front[high])
        kept = [found for found in self.executed.values() if _drop(found) <= max_drop]
        return min(kept, key=lambda found: (found.size_bytes, found.fidelity.score_mse))

    def execute(self, plan: Plan) -> Executed:
        """The plan made, saved, loaded back, and measured."""
        if plan.options not in self.executed:
            chosen = dict(zip(self.options, plan.options, strict=True))
            made = mixed_model(self.source, self.calibration, chosen, self.template)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "plan.molq"
                save(path, made.network, made.card)
                loaded = load(path)
            self.executed[plan.options] = Executed(
                chosen, plan.error, loaded.size_bytes, self.on.compare(loaded.network)
            )
        return self.executed[plan.options]

    def _correct(self, plan: Plan, found: Executed) -> bool:
        """Takes the errors of the plan's options from the plan itself; False when the prediction held."""
        measured = found.fidelity.score_mse
        if plan.error <= 0 or measured <= 0 or 1 / TOLERANCE <= measured / plan.error <= TOLERANCE:
            return False
        shares = {name: self._share(found, name) for name, used in found.options.items() if used != "fp32"}
        scale = measured / sum(shares.values()) if any(shares.values()) else 0.0
        for name, share in shares.items():
            self.options[name] = [
                o._replace(error=scale * share) if o.name == found.options[name] else o for o in self.options[name]
            ]
        return True

    def _share(self, found: Executed, layer: str) -> float:
        """What of the plan's error goes away when that layer alone is left in float."""
        made = mixed_model(self.source, self.calibration, found.options | {layer: "fp32"}, self.template)
        return max(found.fidelity.score_mse - self.on.compare(made.network).score_mse, 0.0)

    def _smallest(self) -> int:
        return min(found.size_bytes for found in self.executed.values())


def _drop(found: Executed) -> float:
    assert found.fidelity.loss is not None
    return found.fidelity.loss.value
