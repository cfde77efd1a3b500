"""Results as pages: HTML files that load nothing from elsewhere, and print."""

from __future__ import annotations

from pathlib import Path

from molq.face.diagnosis import ModelDiagnosis
from molq.files import write_whole
from molq.outputs import refuse_output
from molq.report.pages.diagnosis import diagnosis_page
from molq.report.pages.sensitivity import sensitivity_page
from molq.report.pages.space import space_page
from molq.report.pages.study import study_page
from molq.report.pages.training import training_page
from molq.report.pages.validation import validation_page
from molq.results.sensitivity import Sensitivity
from molq.results.space import SpaceLandscape
from molq.results.study import Study
from molq.results.training import Training
from molq.results.validation import Validation
from molq.visible import readable


def write_report(
    result: Study | Validation | Sensitivity | ModelDiagnosis | Training | SpaceLandscape,
    path: str | Path,
    *,
    force: bool = False,
) -> Path:
    """Writes the page of a result, with tables, figures and what they mean, and gives its path.

    ``result`` is what ``study``, ``CalibrationSet.validate``, ``sensitivity``, ``diagnose`` or
    ``CombinatorialSpace.landscape`` gave, or ``making.training`` of a model that ``train`` gave. Raises OutputError
    when the file exists and ``force`` is False, or when it cannot be written.

    >>> import molq
    >>> by_layer = molq.sensitivity("bace-dmpnn", "bace", scheme="fp16", resamples=100)
    >>> molq.write_report(by_layer, "layers.html").name
    'layers.html'
    """
    refuse_output(path, force=force)
    write_whole(path, _page(result), force=force)
    return Path(path)


def _page(result: Study | Validation | Sensitivity | ModelDiagnosis | Training | SpaceLandscape) -> str:
    if isinstance(result, Study):
        return study_page(readable(result))
    if isinstance(result, Validation):
        return validation_page(readable(result))
    if isinstance(result, Sensitivity):
        return sensitivity_page(readable(result))
    if isinstance(result, SpaceLandscape):
        return space_page(readable(result))
    if isinstance(result, Training):
        return training_page(readable(result))
    return diagnosis_page(readable(result.found))
