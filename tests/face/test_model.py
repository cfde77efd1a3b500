from __future__ import annotations

import copy
import itertools
import pickle
import pickletools
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from heard import Heard
from rdkit import Chem

import molq
from molq.data.labels import load_dataset
from molq.errors import InputError, ModelFileError, MolqWarning, OutputError, UnsupportedError
from molq.quant.scheme import SCHEMES
from molq.screening.screen import screen


def test_a_bundled_model_by_name_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = molq.load("esol-dmpnn")
    path = model.save("mine.molq")
    assert path.read_bytes() == bytes(model)
    assert molq.load("mine.molq") == molq.load(path) == model
    assert path.stat().st_size == model.size_bytes
    assert (model.kind, model.scheme, model.name) == ("regression", "fp32", "esol-dmpnn")
    assert model.content_hash.startswith("sha256:")


def test_an_existing_file_is_kept(tmp_path: Path, bace: molq.Model) -> None:
    path = tmp_path / "m.molq"
    path.write_text("mine")
    with pytest.raises(OutputError, match="`force`"):
        bace.save(path)
    assert path.read_text() == "mine"
    bace.save(path, force=True)
    assert molq.load(path) == bace


def test_damaged_bytes_are_refused(tmp_path: Path, bace: molq.Model) -> None:
    path = tmp_path / "m.molq"
    path.write_bytes(bytes(bace)[:-1])
    with pytest.raises(ModelFileError, match=r"m\.molq: "):
        molq.load(path)
    with pytest.raises(ModelFileError, match=r"^model: "):
        molq.Model(b"no model")
    with pytest.raises(InputError, match="no such file"):
        molq.load(tmp_path / "absent.molq")


def test_a_model_never_changes(bace: molq.Model) -> None:
    with pytest.raises(AttributeError, match="never changes"):
        bace.tasks = ("other",)  # type: ignore[misc]
    with pytest.raises(AttributeError, match="never changes"):
        bace.more = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="never changes"):
        del bace._blob


def test_models_are_equal_by_content(bace: molq.Model, clintox: molq.Model) -> None:
    again = molq.Model(bytes(bace))
    assert again == bace
    assert hash(again) == hash(bace)
    assert bace != clintox
    assert bace != bytes(bace)
    assert copy.copy(bace) is copy.deepcopy(bace) is bace


def test_a_pickle_holds_the_bytes_and_nothing_else(bace: molq.Model) -> None:
    bace.predict(["CCO"])
    text = pickle.dumps(bace)
    loaded = [arg for op, arg, _ in pickletools.genops(text) if arg is not None and op.name != "FRAME"]
    assert [arg for arg in loaded if isinstance(arg, bytes)] == [bytes(bace)]
    assert [arg for arg in loaded if isinstance(arg, str)] == ["molq.face.model", "Model"]
    assert len(text) < bace.size_bytes + 100
    again = pickle.loads(text)
    assert again == bace
    assert again.predict(["CCO"]) == bace.predict(["CCO"])


def test_it_says_what_it_is(bace: molq.Model, clintox: molq.Model) -> None:
    assert repr(bace) == "Model(bace-dmpnn, fp32, Class (classification), 1,286,964 bytes)"
    assert repr(clintox) == "Model(clintox-dmpnn, fp32, 2 tasks (classification), 1,288,240 bytes)"


def test_an_iterator_is_answered_chunk_by_chunk(bace: molq.Model) -> None:
    smiles = load_dataset("bace").smiles[:700]
    taken = []

    def endless():
        for text in itertools.cycle(smiles):
            taken.append(text)
            yield text

    answers = bace.predict(endless())
    first = list(itertools.islice(answers, 700))
    assert len(taken) == 1024
    assert all(isinstance(score, np.float32) for score in first)
    np.testing.assert_array_equal(first, bace.predict(smiles))


def test_an_iterator_of_several_tasks_gives_arrays_and_reasons(clintox: molq.Model) -> None:
    good, bad = clintox.predict(iter(["CCO", "C("]), reasons=True)
    assert isinstance(good, molq.Prediction)
    assert good.reason is None
    np.testing.assert_array_equal(good.scores, clintox.predict(["CCO"])[0])
    assert np.isnan(bad.scores).all()
    assert bad.reason is not None
    assert bad.reason.startswith("unparsable SMILES")


def test_atoms_beyond_the_limit_are_refused(bace: molq.Model) -> None:
    scores, reasons = bace.predict(["C" * 5, Chem.MolFromSmiles("C" * 5), "C"], max_atoms=4, reasons=True)
    assert np.isnan(scores).tolist() == [True, True, False]
    assert reasons[0] == "5 heavy atoms, more than the limit of 4"


def test_progress_is_told(bace: molq.Model) -> None:
    heard = Heard()
    bace.predict(["C"] * 600, progress=heard)
    assert heard.steps[""] == [(512, 600), (600, 600)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scores_are_the_bits_of_a_screen(tmp_path: Path, folder: Path, classifier: molq.Model, scheme: str) -> None:
    calib = folder / "library.smi" if SCHEMES[scheme].needs_calibration else None
    model = classifier if scheme == "fp32" else classifier.quantize(scheme, calib)
    smiles = [*load_dataset("bace").smiles[::9], "C(", "", "[Na+].[Cl-]", "CC  ", "[13CH4]"]
    library, output = tmp_path / "library.csv", tmp_path / "scores.csv"
    library.write_text("smiles\n" + "".join(f'"{text}"\n' for text in smiles))
    screen(model.save(tmp_path / "m.molq"), library, output, workers=0)
    table = pyarrow.csv.read_csv(output).to_pydict()
    scores, reasons = model.predict(smiles, reasons=True)
    written = [float("nan") if s is None else np.float32(s) for s in table[model.tasks[0]]]
    np.testing.assert_array_equal(scores, np.array(written, np.float32))
    assert [r or "" for r in reasons] == table["rejected"]


def test_quantizing_gives_a_new_model_and_leaves_the_old_one(folder: Path, classifier: molq.Model) -> None:
    before, calib = bytes(classifier), molq.CalibrationSet.read(folder / "library.smi")
    small = classifier.quantize("int8", calib)
    assert (small.scheme, small.name, bytes(classifier)) == ("int8", classifier.name, before)
    assert small.making is not None
    assert small.making.reference is classifier
    assert (small.making.search, small.making.probe, small.making.tuning) == (None, None, None)
    assert small == classifier.quantize(calibset=list(calib.smiles), observer="minmax")
    assert molq.Model(bytes(small)).making is None
    assert small.card.calibration is not None
    assert small.card.calibration["sha256"] == calib.sha256
    other = classifier.quantize("int8", calib, observer={"*": "percentile"}, override={"head.*": "fp32"})
    assert other != small
    with pytest.raises(UnsupportedError):
        small.quantize("fp16")
    with pytest.raises(InputError, match="calibration set"):
        classifier.quantize("int8")


def test_what_is_not_used_is_warned_of(folder: Path, classifier: molq.Model) -> None:
    with pytest.warns(MolqWarning, match="fp16 needs no calibration set: `calibset` is not used"):
        classifier.quantize("fp16", folder / "library.smi")
    molecules = [*(folder / "library.smi").read_text().split(), *["C1CC"] * 7]
    with pytest.warns(MolqWarning) as told:
        classifier.quantize("int8", molecules)
    said = [str(warning.message) for warning in told]
    assert said[0] == "calibration set, row 60: C1CC is left out, unparsable SMILES: unclosed ring"
    assert said[5] == "2 more rows of the calibration set are left out"
    assert len(said) == 6


def test_a_scheme_per_layer_under_a_budget(folder: Path, classifier: molq.Model) -> None:
    table = folder / "table.csv"
    limit = classifier.size_bytes * 2 // 3
    small = classifier.quantize("mixed", folder / "library.smi", data=table, max_size=limit)
    assert (small.scheme, small.size_bytes <= limit) == ("mixed", True)
    assert small.making is not None
    assert small.making.search is not None
    assert small.making.search.chosen.size_bytes == small.size_bytes
    assert small.making.probe is not None
    assert small.making.probe.side == "valid"
    assert "chosen" in repr(small.making.search)


def test_integers_learn_to_imitate(folder: Path, classifier: molq.Model) -> None:
    import pandas as pd

    table = pd.read_csv(folder / "table.csv")
    small = classifier.quantize("w4a8", folder / "library.smi", data=table, qat_epochs=1)
    assert small.making is not None
    assert small.making.tuning is not None
    assert small.making.tuning.molecules == "DataFrame"


def test_a_card_shows_itself(classifier: molq.Model, bace: molq.Model) -> None:
    assert "predicts" in str(bace.info)
    assert max(map(len, str(bace.info).splitlines())) <= 80
    assert bace.content_hash in str(bace.info)
    for drawn in (bace._repr_html_(), bace.info._repr_html_(), classifier._repr_html_()):
        assert drawn is not None
        assert "<table" in drawn


@pytest.mark.parametrize("form", [list, iter, np.array])
def test_text_after_smiles_is_warned_of_once(classifier: molq.Model, form) -> None:
    with pytest.warns(MolqWarning) as told:
        scores = list(classifier.predict(form(["CC O", "CC", "CCN x", "CC |c:0|"] * 400)))
    assert [str(warning.message) for warning in told] == ["800 rows hold text after their SMILES, which is not read"]
    assert scores[0] == scores[1]
