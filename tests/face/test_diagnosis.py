from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import molq
from molq.errors import InputError, UnsupportedError
from molq.results.shown import as_html

POOR = ["C" * n for n in range(1, 12)]
"""molecules whose ranges fit no drug"""


@pytest.fixture(scope="module")
def spoilt(classifier: molq.Model) -> molq.Model:
    return classifier.quantize("int8", POOR)


@pytest.fixture(scope="module")
def diagnosis(spoilt: molq.Model, folder: Path) -> molq.ModelDiagnosis:
    return molq.diagnose(spoilt, folder / "table.csv", calibset=POOR, all_rows=True, resamples=100)


def test_a_poor_calibration_set_is_found_out_and_mended(
    diagnosis: molq.ModelDiagnosis, spoilt: molq.Model, classifier: molq.Model, folder: Path
) -> None:
    assert not diagnosis.is_healthy
    assert diagnosis.best is not None
    assert diagnosis.best == diagnosis.found.best
    fixed = diagnosis.fix()
    assert fixed.making is not None
    assert fixed.making.reference == classifier
    smiles = pd.read_csv(folder / "table.csv").smiles
    exact = classifier.predict(smiles)
    assert (fixed.predict(smiles) - exact).abs().mean() < (spoilt.predict(smiles) - exact).abs().mean() / 2
    if diagnosis.best.calibration_set not in ("given", ""):
        assert diagnosis.calibset is None or len(diagnosis.calibset) > 0


def test_it_draws_itself(diagnosis: molq.ModelDiagnosis) -> None:
    assert max(map(len, repr(diagnosis).splitlines())) <= 80
    assert "<" in (as_html(diagnosis) or "")


def test_a_model_made_here_knows_its_float_model(spoilt: molq.Model, classifier: molq.Model, folder: Path) -> None:
    loaded = molq.Model(bytes(spoilt))
    with pytest.raises(InputError, match="`reference`"):
        molq.diagnose(loaded, folder / "table.csv")
    found = molq.diagnose(loaded, folder / "table.csv", classifier, all_rows=True, resamples=100)
    assert found.found.before.logit_mse > 0
    with pytest.raises(UnsupportedError, match="fp32"):
        molq.diagnose(classifier, folder / "table.csv", classifier)


def test_a_healthy_model_is_left_in_peace(classifier: molq.Model, folder: Path) -> None:
    found = molq.diagnose(classifier.quantize("fp16"), pd.read_csv(folder / "table.csv"), resamples=100)
    assert found.is_healthy
    assert (found.best, found.calibset) == (None, None)
    with pytest.raises(InputError, match="the model is healthy"):
        found.fix()
