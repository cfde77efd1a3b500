from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from rdkit import Chem

from molq.chem.pictures.png import SIZE, png
from molq.errors import InputError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_it_is_black_on_white_and_of_the_size_asked_for():
    found = pixels(png(ASPIRIN, size=(240, 120)))
    assert found.shape == (120, 240, 3)
    assert (found[0, 0] == 255).all()
    assert (np.ptp(found, axis=2) == 0).all()
    assert found.min() < 40


def test_values_and_marks_lie_behind_the_lines():
    n = Chem.MolFromSmiles(ASPIRIN).GetNumAtoms()
    plus, minus, mark = (
        pixels(png(ASPIRIN, **how)) for how in ({"values": [1.0] * n}, {"values": [-1.0] * n}, {"marked": range(n)})
    )
    ink = plus.sum(2) < 150
    assert ink.sum() > 200
    for coloured in (minus, mark):
        assert (coloured[ink].max(1) < 110).mean() > 0.95
    red, _, blue = (plus - minus).sum((0, 1))
    assert red > 0 > blue
    assert (plus[:, :, 0] - plus[:, :, 2]).max() > 60
    assert (mark[:, :, 0] - mark[:, :, 2]).max() > 60


def test_a_file_holds_the_picture_alone():
    content = png(ASPIRIN)
    assert not Image.open(io.BytesIO(content)).info
    assert content == png(ASPIRIN)
    assert pixels(content).shape[:2] == SIZE[::-1]


@pytest.mark.parametrize("smiles", ["", "c1cc", "C" * 300])
def test_where_there_is_nothing_to_draw_there_is_no_file(smiles):
    assert png(smiles) is None


def test_values_of_another_molecule_are_refused():
    with pytest.raises(InputError, match="1 values for the 3 atoms"):
        png("CCO", values=[1.0])
