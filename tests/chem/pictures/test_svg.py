from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from rdkit import Chem

from molq.chem.pictures.svg import SIZE, picture, why_no_picture
from molq.errors import InputError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
DRUG = "CC(=O)Oc1ccccc1C(=O)NCc1cnc(F)cc1Cl"
NS = "{http://www.w3.org/2000/svg}"


def paints(svg: str) -> set[str]:
    return set(re.findall(r"var\(--(\w+)\)", svg))


def test_a_molecule_is_drawn_in_the_ink_of_the_page():
    svg = picture("O=C(Nc1ccccc1)c1ccccc1")
    assert svg is not None
    root = ElementTree.fromstring(svg)
    assert root.attrib["viewBox"] == f"0 0 {10 * SIZE[0]} {10 * SIZE[1]}"
    assert paints(svg) == {"ink"}
    assert "#" not in svg


def test_hetero_atoms_have_letters_and_carbon_has_none():
    assert picture("c1ccncc1").count("fill='var(--ink)'") > picture("c1ccccc1").count("fill='var(--ink)'") == 0


@pytest.mark.parametrize(
    "smiles", [ASPIRIN, "CC[N+](C)(C)C.[Cl-]", "[CH3]", "CC~O", "C[C@H](F)[C@@H]1CC[C@H](F)O1", "CC(F)=C(C)I |w:1.0|"]
)
def test_nothing_in_it_needs_a_style_an_id_or_another_file(smiles):
    svg = picture(smiles, values=[1.0] * Chem.MolFromSmiles(smiles).GetNumAtoms(), marked=[0])
    ElementTree.fromstring(svg)
    assert not re.search(r"style|class|\bid\b|xlink|rdkit|href|<!--", svg)


@pytest.mark.parametrize("smiles", ["", "c1ccc", "no molecule", "C" * 300, "C\ud800", "\0"])
def test_where_there_is_nothing_to_draw_a_reason_says_why(smiles, capfd):
    assert picture(smiles) is None
    assert why_no_picture(smiles)
    assert capfd.readouterr().err == ""


def test_what_is_drawn_has_no_reason_not_to_be():
    assert why_no_picture("CCO") == ""


def test_the_same_molecule_gives_the_same_bytes():
    assert picture("CCO") == picture("CCO")


def test_a_coloured_drug_is_small():
    n = Chem.MolFromSmiles(DRUG).GetNumAtoms()
    assert len(picture(DRUG)) < 1700
    assert len(picture(DRUG, values=[(-1) ** i * i for i in range(n)])) < 3000


def test_discs_raise_and_rings_lower_where_the_atoms_are():
    svg = picture("CO", size=(200, 100), values=[2.0, -2.0])
    groups = {group.attrib["stroke"]: group for group in ElementTree.fromstring(svg).findall(f"{NS}g")}
    disc, ring = groups["var(--plus)"][0].attrib["d"], groups["var(--minus)"][0].attrib["d"]
    assert disc.endswith("h0")
    assert "a" in ring
    at, radius = [int(n) for n in re.findall(r"\d+", ring)][:2], int(re.findall(r"a(\d+)", ring)[0])
    letter = re.search(r"fill='var\(--ink\)' d='m(\d+) (\d+)", svg)
    assert abs(at[0] - int(letter[1])) < 100
    assert abs(at[1] + radius - int(letter[2])) < 100


def test_strength_follows_the_common_limit():
    strong, weak = (picture("CO", values=[1.0, 0.0], limit=limit) for limit in (1.0, 5.0))
    opacities = [float(re.search(r"opacity='([.\d]+)'", svg)[1]) for svg in (strong, weak)]
    assert opacities[0] == pytest.approx(5 * opacities[1], rel=0.01)
    assert paints(picture("CO", values=[1.0, 0.0], limit=100.0)) == {"ink"}


def test_marked_atoms_and_their_bonds_lie_on_a_colour_of_their_own():
    one, two = (picture("CCO", marked=marked) for marked in ([0], [0, 1]))
    assert paints(one) == {"ink", "mark"}
    assert len(two) > len(one)


def test_values_of_another_molecule_are_refused():
    with pytest.raises(InputError, match="2 values for the 3 atoms"):
        picture("CCO", values=[1.0, 2.0])
    with pytest.raises(InputError, match="atom 7"):
        picture("CCO", marked=[7])


def test_hydrogens_that_a_drawing_needs_take_no_values():
    smiles = "C[C@@H]1CC[C@H]2CCCC[C@@H]2C1"
    assert picture(smiles, values=[1.0] * Chem.MolFromSmiles(smiles).GetNumAtoms())


@pytest.mark.parametrize("size", [(150, 100), (480, 320), (100, 150)])
@pytest.mark.parametrize("smiles", [ASPIRIN, DRUG, "CCO", "C", "C" * 30])
def test_no_disc_is_cut_by_the_edge(smiles, size):
    svg = picture(smiles, size=size, values=[1.0] * Chem.MolFromSmiles(smiles).GetNumAtoms())
    group = next(g for g in ElementTree.fromstring(svg) if g.attrib["stroke"] == "var(--plus)")
    r = int(group.attrib["stroke-width"]) / 2
    steps = np.array([[int(n) for n in re.findall(r"-?\d+", move)] for move in group[0].attrib["d"].split("h0")[:-1]])
    places = steps.cumsum(0)
    assert (places >= r - 1).all()
    assert (places <= 10 * np.array(size) - r + 1).all()
