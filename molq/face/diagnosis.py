"""Why a quantized model lost accuracy, and the model with the best remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

from molq.errors import InputError
from molq.face.calibration import CalibrationSet, as_set, set_of
from molq.face.inputs import Data, on_disk
from molq.face.loaded import loaded_of
from molq.face.model import AnyModel, Making, Model, load, model_of
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.results.diagnosis import Diagnosis, Remedy
from molq.results.shown import Shown, as_html, as_text
from molq.workflows.compare.fidelity import N_RESAMPLES
from molq.workflows.diagnosis.diagnose import Diagnosed
from molq.workflows.diagnosis.diagnose import diagnose as run


@final
class ModelDiagnosis(Shown):
    """What ``molq.diagnose`` found, and the way to mend it."""

    __slots__ = ("_diagnosed", "_given", "_reference")

    def __init__(self, diagnosed: Diagnosed, reference: Model, given: Mapping[str, Any]) -> None:
        """``given`` are calibset, data and how they are read, as ``diagnose`` took them."""
        self._diagnosed, self._reference, self._given = diagnosed, reference, given

    @property
    def found(self) -> Diagnosis:
        """Every step with its evidence, causes with the main one first, remedies with the best one first."""
        return self._diagnosed.found

    @property
    def is_healthy(self) -> bool:
        """Whether there is nothing to mend: little noise in the logits, and no material loss of the metric."""
        return self.found.is_healthy

    @property
    def best(self) -> Remedy | None:
        """The remedy that ``fix`` applies; None when there is none that recovers anything."""
        return self.found.best

    @property
    def calibset(self) -> CalibrationSet | None:
        """The new calibration set that the best remedy takes; None when it takes none."""
        best, trials = self._diagnosed.best, self._diagnosed.trials
        if best is None or not best.has_new_set:
            return None
        return set_of(trials.sets[best.set_name].calibset)

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of ``Model.quantize`` by which the float model becomes the mended one; none when there is no remedy."""
        best = self._diagnosed.best
        if best is None:
            return {}
        found = best.parameters
        if best.scheme.needs_calibration:
            found["calibset"] = self.calibset or self._given["calibset"]
        if best.training is not None:
            found |= {name: self._given[name] for name in ("data", "smiles_column", "format", "censored")}
        return found

    def fix(self, *, progress: Progress = SILENT) -> Model:
        """A new model: the float one quantized again with the best remedy. Raises InputError when there is none."""
        mended = self._diagnosed.fix(progress)
        if mended is None:
            why = "the model is healthy" if self.is_healthy else "no remedy that was tried recovers anything"
            raise InputError(f"there is nothing to mend it with: {why}")
        return model_of(mended.made.network, mended.made.card, Making(self._reference))


def diagnose(
    quantized: AnyModel,
    data: Data,
    reference: AnyModel | None = None,
    calibset: CalibrationSet | Data | Sequence[str] | None = None,
    *,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    all_rows: bool = False,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> ModelDiagnosis:
    """Why a quantized model lost accuracy, and what to do; remedies are tried, each executed, where there is need.

    ``reference`` is the float model it was made from; None for a model that was quantized in this session, which knows
    it. ``data``, the name of a data set, a path or a DataFrame with labels or without, is what it is to be right on:
    its test molecules where the card states them, or all with ``all_rows``. ``calibset`` is the calibration set it was
    made with, if at hand. ``seed`` is of the bootstrap and of new calibration sets.

    ``smiles_column``, ``format`` and ``censored`` say how files are read, as in ``molq.train``. Raises UnsupportedError
    unless the models are a quantized one and a float one of the same network, InputError when there are too few
    molecules to tell.

    >>> import molq
    >>> small = molq.load("bace-dmpnn").quantize("int8", molq.calibration_set("bace", size=100))
    >>> molq.diagnose(small, "bace", resamples=100).is_healthy
    True
    """
    require_within(resamples=resamples, seed=seed)
    if reference is None:
        making = quantized.making if isinstance(quantized, Model) else None
        if making is None:
            raise InputError("the float model is not known: name it with `reference`")
        reference = making.reference
    floats = reference if isinstance(reference, Model) else load(reference)
    with on_disk(data, floats.tasks) as source:
        diagnosed = run(
            loaded_of(quantized),
            loaded_of(floats),
            source,
            as_set(calibset, smiles_column),
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            all_rows=all_rows,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
    given = {"calibset": calibset, "data": data, "smiles_column": smiles_column}
    return ModelDiagnosis(diagnosed, floats, {**given, "format": format, "censored": censored})


@as_text.register
def _text(diagnosis: ModelDiagnosis) -> str:
    return as_text(diagnosis.found)


@as_html.register
def _html(diagnosis: ModelDiagnosis) -> str | None:
    return as_html(diagnosis.found)
