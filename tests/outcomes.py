"""Outcomes of attempts made up for tests."""

from __future__ import annotations

from molq.quant.scheme import get_scheme
from molq.results.accuracy import Agreement
from molq.results.diagnosis import Remedy
from molq.results.fidelity import Fidelity
from molq.workflows.diagnosis.attempts import GIVEN, Attempt
from molq.workflows.diagnosis.trials import Tried


def tried(cause: str, recovered: float, decibels: float = 30.0, size_bytes: int = 100, set_name: str = GIVEN) -> Tried:
    """An attempt against ``cause`` that recovered so much."""
    fidelity = Fidelity(1e-3, 1e-3, decibels, Agreement(None, None, None, None), None, None)
    remedy = Remedy(
        name=cause,
        cause=cause,
        scheme="int8",
        observer="minmax",
        site_observers=(),
        rounding="nearest",
        equalize=False,
        bias_correction=False,
        overrides=(),
        calibration_set=set_name,
        qat_epochs=None,
        layer_bytes=size_bytes,
        recovered_noise=recovered,
        recovered_loss=None,
        fidelity=fidelity,
    )
    return Tried(Attempt(cause, cause, get_scheme("int8"), set_name), remedy)
