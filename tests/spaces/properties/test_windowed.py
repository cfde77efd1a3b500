"""Products within windows are those that RDKit says meet them, none lost and none let in, whatever the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import HEADER, rdkits

import molq
from molq.chem.properties import property_profile
from molq.errors import InputError, UnsupportedError
from molq.report.text.space import screen_text
from molq.spaces.properties.windows import meeting, windows

MIXED = HEADER + "".join(
    f"{smiles}\t{position}-{i}\t{position}\tr\n"
    for position, own in enumerate(
        [
            ["CC(=O)[1*]", "CCC[1*]", "c1ccccc1[1*]", "C[C@H](N)[1*]"],
            ["[1*]N(C)C", "[1*]O", "[1*]c1ccncc1", "[1*]C(=O)[O-]"],
        ]
    )
    for i, smiles in enumerate(own)
)


def brute_force(space: molq.CombinatorialSpace, model: str, where: str) -> dict[str, float]:
    """Products that meet the conditions, by id, with the scores that molq gives any SMILES."""
    products = list(space.products)
    asked = windows(where)
    profiles = property_profile([one.smiles for one in products], asked.names)
    kept = [
        one
        for one, profile in zip(products, profiles.tolist(), strict=True)
        if meeting(asked.conditions, dict(zip(asked.names, profile, strict=True)))
    ]
    scores = np.asarray(molq.load(model).predict([one.smiles for one in kept])).ravel() if kept else []
    return {one.id: float(score) for one, score in zip(kept, scores, strict=True)}


@pytest.mark.parametrize(
    ("model", "where"),
    [
        ("bace-dmpnn", "logp<0.9 and h_acceptors>=1"),
        ("bace-dmpnn", "40 < tpsa <= 70, charge=0"),
        ("esol-dmpnn", "heavy_atoms<9 and logp>0.2 and donors<1"),
        pytest.param("bace-dmpnn", "h_acceptors=1", marks=pytest.mark.slow),
        pytest.param("esol-dmpnn", "mw<90", marks=pytest.mark.slow),
        pytest.param("bace-dmpnn", "rotatable_bonds<1", marks=pytest.mark.slow),
    ],
)
def test_they_are_those_of_brute_force(tmp_path: Path, model: str, where: str) -> None:
    (tmp_path / "space.txt").write_text(MIXED)
    space = molq.space(tmp_path / "space.txt")
    found = space.screen(model, where=where, workers=0, sample_check=10)
    expected = brute_force(space, model, where)
    assert {hit.id: hit.scores[0] for hit in found.hits} == pytest.approx(expected, abs=1e-7)
    assert 0 < len(expected) < len(space)
    assert found.where == tuple(map(str, windows(where).conditions))


@pytest.mark.slow
def test_they_are_those_of_brute_force_on_a_real_reaction() -> None:
    space = molq.space(rdkits("urea_3.txt.gz"))
    found = space.screen(
        "bace-dmpnn", where="mw<420 and 1<logp<3 and h_acceptors<6", top=30, workers=0, sample_check=10
    )
    profiles = property_profile([hit.smiles for hit in found.hits], ("mol_weight", "logp", "h_acceptors"))
    assert len(found.hits) == 30
    assert (profiles < [420, 3, 6]).all()
    assert (profiles[:, 1] > 1).all()
    free = space.screen("bace-dmpnn", top=2000, workers=0, sample_check=10)
    kept = property_profile([hit.smiles for hit in free.hits], ("mol_weight", "logp", "h_acceptors"))
    meets = (kept < [420, 3, 6]).all(axis=1) & (kept[:, 1] > 1)
    first = [hit.smiles for hit, is_met in zip(free.hits, meets, strict=True) if is_met][:30]
    assert [hit.smiles for hit in found.hits][: len(first)] == first


def test_conditions_that_no_product_meets_leave_none(tmp_path: Path) -> None:
    (tmp_path / "space.txt").write_text(MIXED)
    space = molq.space(tmp_path / "space.txt")
    found = space.screen("esol-dmpnn", where="mw>5000", workers=0)
    assert found.hits == space.screen("esol-dmpnn", where="mw>5000", workers=2).hits == ()
    assert screen_text(found) == "None of 16 products meets mol_weight > 5000."
    high = space.screen("esol-dmpnn", where="mw<5000", threshold=99, workers=0)
    said = screen_text(high).replace("\n", " ")
    assert said == f"None of 16 products meets mol_weight < 5000 and {high.ranked_by} >= 99."


@pytest.mark.parametrize(
    ("where", "error"), [("fsp3>0.5", UnsupportedError), ("mw", InputError), ("mw!=5", UnsupportedError)]
)
def test_what_is_no_window_is_refused_before_any_work(tmp_path: Path, where: str, error: type[Exception]) -> None:
    (tmp_path / "space.txt").write_text(MIXED)
    with pytest.raises(error, match="`where`"):
        molq.space(tmp_path / "space.txt").screen("esol-dmpnn", where=where, workers=0)
