from __future__ import annotations

from pathlib import Path

import pytest

import molq
from molq.errors import InputError
from molq.results.shown import as_html


def test_every_layer_is_judged_with_the_set_given_in_any_way(folder: Path, classifier: molq.Model) -> None:
    calib = molq.CalibrationSet.read(folder / "library.smi")
    options = {"resamples": 100}
    found = molq.sensitivity(classifier, folder / "table.csv", calib, **options)
    assert found.probe.molecules == 32
    assert [layer.name for layer in found.layers][-2:] == ["head.layers.0", "head.layers.1"] or found.layers
    for same in (folder / "library.smi", list(calib.smiles)):
        again = molq.sensitivity(classifier, folder / "table.csv", same, **options)
        assert again.layers == found.layers
    assert max(map(len, repr(found).splitlines())) <= 80
    assert "<table" in (as_html(found) or "")


def test_mixes_are_executed_when_asked_for(folder: Path, classifier: molq.Model) -> None:
    found = molq.sensitivity(classifier, folder / "table.csv", folder / "library.smi", front=True, resamples=100)
    assert found.front
    with pytest.raises(InputError, match="`calibset`"):
        molq.sensitivity(classifier, folder / "table.csv", front=True)
