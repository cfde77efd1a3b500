from __future__ import annotations

from xml.etree import ElementTree

import pytest

from molq.chem.picture import HEIGHT, WIDTH, picture


def test_a_molecule_is_drawn_in_the_ink_of_the_page():
    svg = picture("O=C(Nc1ccccc1)c1ccccc1")
    assert svg is not None
    root = ElementTree.fromstring(svg)
    assert root.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
    assert "var(--ink)" in svg
    assert "#" not in svg


def test_hetero_atoms_have_letters_and_carbon_has_none():
    assert picture("c1ccncc1").count("fill='var(--ink)'") > picture("c1ccccc1").count("fill='var(--ink)'") == 0


@pytest.mark.parametrize("smiles", ["", "c1ccc", "no molecule"])
def test_where_there_is_no_molecule_there_is_no_picture(smiles, capfd):
    assert picture(smiles) is None
    assert capfd.readouterr().err == ""


def test_the_same_molecule_gives_the_same_bytes():
    assert picture("CCO") == picture("CCO")
