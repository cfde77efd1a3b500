"""What is tried when nothing simpler cures a model: a precision per layer, then quantization-aware training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.quant.scheme import Scheme
from molq.store.schema import MIXED
from molq.workflows.diagnosis.attempts import AVOIDING, TRAINING_CAUSE, Attempt, scheme_of
from molq.workflows.diagnosis.trials import Trials, Tried
from molq.workflows.precision.mixed import Budget, mixed_scheme, search_mixed
from molq.workflows.tuning.fine_tune import tuning_settings

GROWTH = 1.6
"""largest file that still counts as small, times the diagnosed one; 16 bits in all layers are twice the bytes of 8"""
EPOCHS = 10


def needs_mixed(tried: Sequence[Tried]) -> bool:
    """Whether no remedy that keeps the scheme is a cure."""
    return not any(one.remedy.is_cure and one.attempt.cause not in AVOIDING for one in tried)


def needs_training(tried: Sequence[Tried], before_bytes: int) -> bool:
    """Whether no remedy that keeps the model small is a cure."""
    return not any(one.remedy.is_cure and one.remedy.layer_bytes <= GROWTH * before_bytes for one in tried)


def mixed(trials: Trials, tried: Sequence[Tried], progress: Progress = SILENT) -> list[Tried]:
    """The most faithful mixed file of at most GROWTH times the size, on the set and with the options that did best."""
    scheme, name = _start(trials, tried)
    template = replace(scheme, overrides=())
    budget = Budget(max_bytes=int(GROWTH * trials.quantized.size_bytes))
    try:
        search = search_mixed(
            trials.reference,
            trials.sets[name],
            trials.on,
            budget,
            template=template,
            measure_front=False,
            progress=progress,
        )
    except InputError:
        return []
    attempt = Attempt("a precision per layer", MIXED, mixed_scheme(search.chosen.layers, template), name)
    return [trials.run(attempt, progress)]


def trained(trials: Trials, tried: Sequence[Tried], seed: int, progress: Progress = SILENT) -> list[Tried]:
    """The model of the set and options that did best, after EPOCHS of imitating the float model."""
    scheme, name = _start(trials, tried)
    if not scheme.weights.startswith("int"):
        return []
    what = f"{EPOCHS} epochs of training" + ("" if trials.on.probe.side else ", on molecules it is judged by")
    attempt = Attempt(what, TRAINING_CAUSE, scheme, name, tuning_settings(EPOCHS, seed))
    return [trials.run(attempt, progress)]


def _start(trials: Trials, tried: Sequence[Tried]) -> tuple[Scheme, str]:
    """Scheme and calibration set of the best remedy that keeps the scheme; those of the model when none helps."""
    kept = [one for one in tried if one.attempt.cause not in AVOIDING and one.remedy.recovered > 0]
    if not kept:
        return scheme_of(trials.quantized), next(iter(trials.sets))
    best = max(kept, key=lambda one: one.remedy.recovered).attempt
    return best.scheme, best.set_name
