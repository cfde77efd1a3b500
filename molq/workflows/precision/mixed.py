"""Mixed precision: a scheme per layer, searched for under a budget and verified by executing the saved file.

Each layer is quantized alone at every precision. The mean squared error it adds to the scores is taken to be additive,
which gives the mixes that might be best; mixes are then made, saved, loaded and executed. Where a prediction was wrong,
the error of each layer is measured anew, as what goes away when that layer of the mix is spared, and the search goes
on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np

from molq.errors import InputError
from molq.limits import require_within
from molq.progress import SILENT, Progress, Steps
from molq.quant.layers import layer_table
from molq.quant.scheme import SCHEMES, Scheme
from molq.results.mixed import ExecutedMix, LayerOption, MixedSearch, PredictedMix
from molq.store.molqfile import Loaded, decode, encode
from molq.store.schema import MIXED
from molq.workflows.compare.accuracy import refuse_loss_of_guessing
from molq.workflows.compare.fidelity import Yardstick
from molq.workflows.precision.budget import Mix, pareto_front
from molq.workflows.precision.calibration import CalibrationMolecules
from molq.workflows.precision.layers import layer_bytes, quantizable_layers, quantized
from molq.workflows.precision.quantized import QuantizedModel, quantize_loaded

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
            raise InputError("mixed precision needs one budget: `max_size` or `max_drop`")
        require_within(max_size=self.max_bytes, max_drop=self.max_drop)


def search_mixed(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    budget: Budget,
    *,
    template: Scheme = SCHEMES[BASE],
    measure_front: bool = True,
    progress: Progress = SILENT,
) -> MixedSearch:
    """The mix of least error within ``max_size``, or the smallest file whose metric drops by ``max_drop`` at most.

    Observer, rounding and equalization are those of the ``template``. With ``measure_front``, N_SPREAD mixes between
    the smallest and fp16 are executed too, to weigh size and accuracy. Raises InputError when no mix fits the size, or
    when a drop is asked for and there are no labels that define the metric.
    """
    if budget.max_drop is not None and on.baseline() is None:
        missing = "has none for this model" if on.labels is None else f"has none that give a {on.metric}"
        raise InputError(f"`max_drop` needs labels, and {on.probe.name} {missing}; give `max_size`")
    if budget.max_drop is not None and on.labels is not None:
        refuse_loss_of_guessing("max_drop", budget.max_drop, on.kind, on.labels)
    searcher = _Searcher(source, calibration, on, template, progress)
    if measure_front:
        searcher.execute_spread()
    progress.stage("search")
    chosen = searcher.within_size(budget.max_bytes) if budget.max_bytes else searcher.within_drop(budget.max_drop or 0)
    return MixedSearch(
        chosen=chosen,
        executed=tuple(sorted(searcher.executed.values(), key=lambda mix: mix.size_bytes)),
        predicted_front=tuple(PredictedMix(mix.n_bytes, mix.error) for mix in searcher.front()),
        options={name: tuple(options) for name, options in searcher.options.items()},
    )


def measured_front(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    *,
    template: Scheme = SCHEMES[BASE],
    progress: Progress = SILENT,
) -> list[ExecutedMix]:
    """Executed mixes from the smallest file to one of 16 bits, those left out that another beats in size and error."""
    searcher = _Searcher(source, calibration, on, template, progress)
    searcher.execute_spread()
    kept: list[ExecutedMix] = []
    for found in sorted(searcher.executed.values(), key=lambda mix: (mix.size_bytes, mix.fidelity.score_mse)):
        if not kept or found.fidelity.score_mse < kept[-1].fidelity.score_mse:
            kept.append(found)
    return kept


def mixed_scheme(layers: dict[str, str], template: Scheme = SCHEMES[BASE]) -> Scheme:
    """The scheme that treats each layer with the scheme named for it, otherwise like the template."""
    return replace(template, name=MIXED, overrides=()).with_overrides(*layers.items())


def mixed_model(
    source: Loaded,
    calibration: CalibrationMolecules,
    layers: dict[str, str],
    template: Scheme = SCHEMES[BASE],
    progress: Progress = SILENT,
) -> QuantizedModel:
    """The float model of a file with each layer treated as named; its card says so."""
    return quantize_loaded(source, mixed_scheme(layers, template), calibration, progress)


def layer_options(
    source: Loaded,
    calibration: CalibrationMolecules,
    on: Yardstick,
    template: Scheme = SCHEMES[BASE],
    progress: Progress = SILENT,
) -> dict[str, list[LayerOption]]:
    """Per layer, what each precision of LADDER stores and adds to the error when it is the only layer quantized."""
    names, ladder = quantizable_layers(source.network), [s for s in LADDER if s in SCHEMES and s != "fp32"]
    floats = layer_bytes(source.network)
    options: dict[str, list[LayerOption]] = {name: [] for name in names}
    steps = Steps(len(names) * len(ladder), progress)
    for scheme in ladder:
        everywhere = template.with_overrides(("*", scheme))
        stored = quantized(source.network, everywhere, calibration).members[0]
        weights = {row.name: row.weights for row in layer_table(stored)}
        for name in names:
            # where this scheme treats the layer as int8 does, int8 speaks for both
            if weights[name] != "int8" or scheme == BASE:
                made = quantized(source.network, template.with_overrides(("*", "fp32"), (name, scheme)), calibration)
                options[name].append(LayerOption(scheme, layer_bytes(made)[name], on.compare(made).score_mse))
            steps.advance()
    return {name: [*found, LayerOption("fp32", floats[name], 0.0)] for name, found in options.items()}


class _Searcher:
    """Mixes made, executed and remembered; errors of layers are corrected by what was measured."""

    def __init__(
        self,
        source: Loaded,
        calibration: CalibrationMolecules,
        on: Yardstick,
        template: Scheme,
        progress: Progress,
    ) -> None:
        self.source, self.calibration, self.on, self.template = source, calibration, on, template
        self.progress = progress
        progress.stage("layers")
        self.options = layer_options(source, calibration, on, template, progress)
        self.executed: dict[tuple[str, ...], ExecutedMix] = {}
        self.overhead = source.size_bytes - sum(layer_bytes(source.network)[name] for name in self.options)

    def front(self) -> list[Mix]:
        """Predicted mixes, the smallest first, with the bytes of the whole file."""
        return [mix._replace(n_bytes=mix.n_bytes + self.overhead) for mix in pareto_front(self.options)]

    def execute_spread(self) -> None:
        """Executes mixes of evenly spaced sizes, up to that of a file of 16 bits."""
        self.progress.stage("mixes")
        front = self.front()
        sizes = np.linspace(front[0].n_bytes, min(front[-1].n_bytes, self.source.size_bytes / 2), N_SPREAD)
        steps = Steps(len(sizes), self.progress)
        for size in sizes:
            self.execute(max((mix for mix in front if mix.n_bytes <= size), key=lambda mix: mix.n_bytes))
            steps.advance()

    def within_size(self, max_bytes: int) -> ExecutedMix:
        """The mix of least measured error whose saved file fits."""
        for _ in range(MAX_ROUNDS):
            front = self.front()
            fitting = [mix for mix in front if mix.n_bytes <= max_bytes]
            if not fitting:
                raise InputError(f"no mix fits {max_bytes:,} bytes: the smallest file takes {front[0].n_bytes:,}")
            if fitting[-1].schemes in self.executed:
                break
            found = self.execute(fitting[-1])
            self.overhead += max(found.size_bytes - fitting[-1].n_bytes, 0)
            if found.size_bytes <= max_bytes and not self._correct(found):
                break
        within = [found for found in self.executed.values() if found.size_bytes <= max_bytes]
        if not within:
            raise InputError(f"no mix fits {max_bytes:,} bytes: the smallest found takes {self._smallest():,}")
        return min(within, key=lambda found: (found.fidelity.score_mse, found.size_bytes))

    def within_drop(self, max_drop: float) -> ExecutedMix:
        """The smallest executed file whose metric drops by no more, found by halving the front."""
        front = self.front()
        low, high = 0, len(front) - 1
        steps = Steps(max(len(front) - 1, 1).bit_length() + 1, self.progress)
        while low < high:
            middle = (low + high) // 2
            if _drop(self.execute(front[middle])) <= max_drop:
                high = middle
            else:
                low = middle + 1
            steps.advance()
        self.execute(front[high])
        kept = [found for found in self.executed.values() if _drop(found) <= max_drop]
        return min(kept, key=lambda found: (found.size_bytes, found.fidelity.score_mse))

    def execute(self, mix: Mix) -> ExecutedMix:
        """The mix made, written, read back, and measured."""
        if mix.schemes not in self.executed:
            layers = dict(zip(self.options, mix.schemes, strict=True))
            made = mixed_model(self.source, self.calibration, layers, self.template)
            loaded = decode(encode(made.network, made.card), "mix")
            fidelity = self.on.compare(loaded.network)
            self.executed[mix.schemes] = ExecutedMix(layers, loaded.size_bytes, mix.error, fidelity)
        return self.executed[mix.schemes]

    def _correct(self, found: ExecutedMix) -> bool:
        """Takes the errors of the mix's layers from the mix itself; False when the prediction held."""
        measured, predicted = found.fidelity.score_mse, found.predicted_score_mse
        if predicted <= 0 or measured <= 0 or 1 / TOLERANCE <= measured / predicted <= TOLERANCE:
            return False
        treated = [name for name, used in found.layers.items() if used != "fp32"]
        steps = Steps(len(treated), self.progress)
        shares = {}
        for name in treated:
            shares[name] = self._share(found, name)
            steps.advance()
        scale = measured / sum(shares.values()) if any(shares.values()) else 0.0
        for name, share in shares.items():
            self.options[name] = [
                msgspec.structs.replace(o, error=scale * share) if o.name == found.layers[name] else o
                for o in self.options[name]
            ]
        return True

    def _share(self, found: ExecutedMix, layer: str) -> float:
        """What of the mix's error goes away when that layer alone is left in float."""
        made = mixed_model(self.source, self.calibration, found.layers | {layer: "fp32"}, self.template)
        return max(found.fidelity.score_mse - self.on.compare(made.network).score_mse, 0.0)

    def _smallest(self) -> int:
        return min(found.size_bytes for found in self.executed.values())


def _drop(found: ExecutedMix) -> float:
    assert found.fidelity.loss is not None
    return found.fidelity.loss.value
