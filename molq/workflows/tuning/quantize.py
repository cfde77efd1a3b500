"""A float model in, its quantized copy out: every way to quantize in one call."""

from __future__ import annotations

from typing import NamedTuple

from molq.calibset.spec import ChosenSet
from molq.errors import InputError
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.quant.scheme import Scheme, get_scheme
from molq.results.fidelity import ProbeSection
from molq.results.mixed import MixedSearch
from molq.results.tuning import Tuning
from molq.store.molqfile import Loaded
from molq.store.schema import MIXED
from molq.workflows.compare.fidelity import yardstick
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.mixed import BASE, Budget, mixed_model, search_mixed
from molq.workflows.precision.quantized import Patterns, QuantizedModel, pairs_of, quantize_loaded, with_observers
from molq.workflows.tuning.fine_tune import LEARNING_RATE, fine_tune, tuning_molecules, tuning_settings


class Quantization(NamedTuple):
    """A quantized model, and how it came about."""

    made: QuantizedModel
    scheme: str
    calibration: CalibrationMolecules | None
    """what was used of the calibration set; molecules that could not be read are among its ``rejected``"""
    search: MixedSearch | None
    """of mixed precision"""
    probe: ProbeSection | None
    """what the mixes were executed on"""
    tuning: Tuning | None
    """of quantization-aware training"""
    notes: tuple[str, ...]
    """what was given and had no effect"""


def quantize(
    source: Loaded,
    scheme: str = "int8",
    calibset: ChosenSet | None = None,
    *,
    observer: str | Patterns = (),
    override: Patterns = (),
    rounding: str | None = None,
    equalize: bool | None = None,
    bias_correction: bool | None = None,
    max_size: int | None = None,
    max_drop: float | None = None,
    data: str | None = None,
    qat_epochs: int | None = None,
    qat_lr: float = LEARNING_RATE,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Quantization:
    """The float model of a file quantized with ``scheme``, or with ``mixed``: a scheme per layer, under a budget.

    ``observer`` is one name, or a name for each glob pattern on ``layer:site``; ``override`` a scheme for each pattern
    on a layer's name; the last match counts. ``rounding``, ``equalize`` and ``bias_correction`` None are those of the
    scheme. Mixed precision takes ``max_size`` bytes of the file, or ``max_drop`` of the metric, and executes mixes on
    the molecules of ``data``: those that the model was validated on, so that those it is tested on stay unseen, or all
    when they are not known. ``qat_epochs`` are passes over the molecules of ``data``, those trained on where they are
    known, in which the integers learn to imitate the float model; labels are not needed.

    Raises InputError when a scheme needs a calibration set and there is none, for a pattern that matches nothing, and
    for parameters that do not go together; UnsupportedError when the model is quantized already, or has no integers to
    learn.
    """
    require_within(qat_epochs=qat_epochs, qat_lr=qat_lr, max_size=max_size, max_drop=max_drop, seed=seed)
    budget = _budget(scheme, max_size, max_drop, calibset, data, override)
    if budget is None and (data is None) != (qat_epochs is None):
        raise InputError("`data` and `qat_epochs` go together: what to learn from, and how long")
    chosen = get_scheme(scheme if budget is None else BASE).with_options(
        rounding=rounding, equalize=equalize, bias_correction=bias_correction
    )
    chosen = with_observers(chosen, observer).with_overrides(*pairs_of(override))
    notes = _notes(scheme, chosen, calibset, observer)
    calibration = None
    if calibset is not None and chosen.needs_calibration:
        calibration = calibration_molecules(calibset, source.network.recipe)
    search, probe = None, None
    if budget is None:
        progress.stage("quantize")
        made = quantize_loaded(source, chosen, calibration, progress)
    else:
        assert calibration is not None
        assert data is not None
        progress.stage("molecules")
        on = yardstick(
            source.network,
            read_probe(
                data,
                source,
                side="valid",
                smiles_column=smiles_column,
                format=format,
                censored=censored,
                progress=progress,
            ),
        )
        search, probe = (
            search_mixed(source, calibration, on, budget, template=chosen, progress=progress),
            on.probe.section,
        )
        progress.stage("quantize")
        made = mixed_model(source, calibration, search.chosen.layers, chosen, progress)
    tuning = None
    if qat_epochs is not None:
        assert data is not None
        progress.stage("molecules")
        molecules = tuning_molecules(data, source, seed, smiles_column, format, censored)
        progress.stage("quantization-aware training")
        made, tuning = fine_tune(source, made, molecules, tuning_settings(qat_epochs, seed, qat_lr), progress)
    return Quantization(made, scheme, calibration, search, probe, tuning, notes)


def _budget(
    scheme: str,
    max_size: int | None,
    max_drop: float | None,
    calibset: ChosenSet | None,
    data: str | None,
    override: Patterns,
) -> Budget | None:
    """Of mixed precision; None for any other scheme. Raises InputError for parameters that do not go together."""
    if scheme != MIXED:
        if (max_size, max_drop) != (None, None):
            raise InputError(f"`max_size` and `max_drop` belong to `scheme={MIXED}`")
        return None
    if override:
        raise InputError(f"`scheme={MIXED}` chooses for every layer; leave `override` out")
    budget = Budget(max_size, max_drop)
    if data is None or calibset is None:
        raise InputError(f"`scheme={MIXED}` needs `calibset`, and `data` to execute mixes on")
    return budget


def _notes(scheme: str, chosen: Scheme, calibset: ChosenSet | None, observer: str | Patterns) -> tuple[str, ...]:
    notes = []
    if calibset is not None and not chosen.needs_calibration:
        notes.append(f"{scheme} needs no calibration set: `calibset` is not used")
    elif calibset is not None and len(calibset.smiles) > len(set(calibset.smiles)) == 1:
        notes.append(
            f"the calibration set is one molecule, {len(calibset.smiles)} times: ranges and weights are fitted to it"
            " alone"
        )
    if observer and not chosen.has_static_layers:
        notes.append(f"{scheme} fixes no ranges: `observer` is not used")
    return tuple(notes)
