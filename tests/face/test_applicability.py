from __future__ import annotations

import copy

import pandas as pd
import polars as pl
import pytest
from rdkit import Chem

import molq
from molq.data.labels import load_dataset
from molq.errors import InputError
from molq.results.hits import Belief

SMILES = ["CCCCO", "C1CC", "OB(O)c1ccsc1", None]
FIELDS = ["similarity", "nearest", "unseen_environments", "spread", "verdict"]


@pytest.fixture(scope="module")
def model() -> molq.Model:
    return molq.load("esol-dmpnn")


@pytest.fixture
def unknowing(model: molq.Model) -> molq.Model:
    """A model whose file says nothing of its training molecules."""
    from msgspec.structs import replace

    from molq.face.model import model_of

    return model_of(model._loaded.network, replace(model.card, training=None, name="stranger"))


def test_a_list_gets_a_belief_for_each_molecule(model):
    beliefs = model.applicability(SMILES)
    assert isinstance(beliefs, tuple)
    assert (beliefs[0].similarity, beliefs[0].nearest, beliefs[0].verdict) == (1.0, "CCCCO", "inside")
    assert beliefs[1] == beliefs[3] == Belief()
    assert beliefs[2].verdict == "outside"
    assert model.applicability([]) == ()


def test_a_series_gets_a_frame_of_its_library_with_its_index(model):
    beliefs = model.applicability(SMILES)
    frame = model.applicability(pd.Series(SMILES, index=["a", "b", "c", "d"]))
    assert list(frame.columns) == FIELDS
    assert list(frame.index) == ["a", "b", "c", "d"]
    assert frame.loc["a", "similarity"] == 1.0
    assert frame["verdict"].isna().tolist() == [False, True, False, True]
    polars = model.applicability(pl.Series(SMILES))
    assert polars.columns == FIELDS
    assert polars.rows() == [tuple(getattr(belief, field) for field in FIELDS) for belief in beliefs]


def test_rdkit_molecules_are_told_like_their_smiles(model):
    mols = [Chem.MolFromSmiles("CCCCO"), Chem.AddHs(Chem.MolFromSmiles("OB(O)c1ccsc1"))]
    assert model.applicability(mols) == model.applicability(["CCCCO", "OB(O)c1ccsc1"])


@pytest.mark.parametrize("form", ["list", "file", "series", "frame"])
def test_a_reference_in_any_form(form, model, tmp_path):
    smiles = ["c1ccccc1O", "CCO"]
    (tmp_path / "train.csv").write_text("id,smiles\n1,c1ccccc1O\n2,CCO\n3,c1cc\n")
    given = {
        "list": smiles,
        "file": tmp_path / "train.csv",
        "series": pd.Series(smiles),
        "frame": pd.DataFrame({"smiles": smiles}),
    }[form]
    [belief] = model.applicability(["Oc1ccccc1"], given)
    assert belief.similarity == 1.0
    assert belief.nearest == "c1ccccc1O"
    assert model.applicability(["CCCCO"])[0].similarity == 1.0  # the reference was of that call alone


@pytest.mark.parametrize(
    ("content", "words"),
    [("smiles\n", "none of its 0 rows"), ("smiles\nc1cc\nxyz\n", "none of its 2 rows"), ("", "")],
)
def test_a_reference_of_no_molecule_is_refused_with_its_name(content, words, model, tmp_path):
    (tmp_path / "train.csv").write_text(content)
    with pytest.raises(InputError, match=rf"train\.csv.*{words}"):
        model.applicability(["CCO"], str(tmp_path / "train.csv"), smiles_column="smiles")


def test_a_model_of_which_nothing_is_known_wants_a_reference(unknowing):
    with pytest.raises(InputError, match=r"what stranger was trained on is not known: .* as `reference`"):
        unknowing.applicability(["CCO"])
    assert unknowing.applicability(["CCO"], ["CCO"])[0].similarity == 1.0


def test_a_model_that_was_asked_is_still_a_value(model):
    asked, fresh = molq.load("esol-dmpnn"), molq.load("esol-dmpnn")
    asked.applicability(["CCO"])
    assert asked == fresh
    assert copy.deepcopy(asked) == fresh
    assert bytes(asked) == bytes(fresh)


def test_it_takes_what_predict_takes(model):
    with pytest.raises(InputError, match="one molecule"):
        model.applicability("CCO")
    with pytest.raises(InputError, match="a DataFrame has many columns"):
        model.applicability(pd.DataFrame({"smiles": ["CCO"]}))


def test_what_train_remembers_quantize_carries_and_info_counts(tmp_path):
    table = pd.DataFrame({"smiles": load_dataset("freesolv").smiles[:60], "y": [i / 10 for i in range(60)]})
    model = molq.train(table, tasks=["y"], d_h=8, epochs=1, split="random", name="mine")
    forgetful = molq.train(table, tasks=["y"], d_h=8, epochs=1, split="random", name="mine", remember=False)
    known = model.card.training_set
    assert 0 < known.n_bytes < model.size_bytes - forgetful.size_bytes < known.n_bytes + 400
    assert f"{known.n_bytes:,} bytes of the file" in " ".join(str(model.info).split())
    assert "remembers" not in str(forgetful.info)
    small = model.quantize("int8-dynamic")
    assert molq.load(small.save(tmp_path / "small.molq")).applicability(["CCO"]) == model.applicability(["CCO"])
    with pytest.raises(InputError, match="remembers no training set"):
        forgetful.applicability(["CCO"])
