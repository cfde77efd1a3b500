from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from molq.errors import InputError, UnsupportedError
from molq.quant.scheme import get_scheme
from molq.store.molqfile import load, save
from molq.training.config import TrainConfig
from molq.training.record import recorded_split, rows_from_text
from molq.workflows.precision.quantized import quantize_loaded
from molq.workflows.study.settings import StudySettings
from molq.workflows.study.studied_model import studied_model


def settings(folder, **changes) -> StudySettings:
    return StudySettings(str(folder / "table.csv"), tasks=("active",), **changes)


def test_a_loaded_model_is_tested_on_what_its_card_says_it_never_saw(folder, model):
    studied = studied_model(settings(folder, model=model))
    split = recorded_split(model.card.training, studied.dataset)
    assert studied.held_out
    assert np.array_equal(studied.split.test, split.test)
    assert not np.isin(studied.split.test, studied.split.train).any()
    assert studied.origin == {"trained_here": False, "file": "m.molq", "content_hash": model.content_hash}


def test_of_a_model_at_a_signed_address_the_name_alone_is_told(folder, model):
    there = model._replace(path=Path("https://server/m.molq?X-Amz-Signature=SEC/RET"))
    assert studied_model(settings(folder, model=there)).origin["file"] == "m.molq"


def test_a_model_with_a_split_of_its_own_takes_no_other(folder, model):
    with pytest.raises(InputError, match="leave `split` out"):
        studied_model(settings(folder, model=model, split="random"))


def test_a_model_of_unknown_training_needs_a_split_and_is_not_called_held_out(folder, model, tmp_path):
    path = tmp_path / "foreign.molq"
    save(path, model.network, structs.replace(model.card, training=None))
    with pytest.raises(InputError, match="name a `split`"):
        studied_model(settings(folder, model=load(path)))
    assert not studied_model(settings(folder, model=load(path), split="random")).held_out


def test_a_quantized_model_and_foreign_tasks_are_refused(folder, model, tmp_path):
    made = quantize_loaded(model, get_scheme("fp16"))
    save(tmp_path / "h.molq", made.network, made.card)
    with pytest.raises(UnsupportedError, match="fp16 already"):
        studied_model(settings(folder, model=load(tmp_path / "h.molq")))
    with pytest.raises(InputError, match="predicts active, not potency"):
        studied_model(StudySettings(str(folder / "table.csv"), tasks=("potency",), model=model))


def test_a_model_trained_here_keeps_its_test_molecules_apart(folder):
    studied = studied_model(settings(folder, architecture="gine", split="random", train=TrainConfig(epochs=1)))
    assert studied.held_out
    assert studied.network.members[0].config.architecture == "gine"
    held_out = rows_from_text(studied.card.training["split"]["test_rows"])
    assert held_out.tolist() == sorted(studied.dataset.rows[studied.split.test].tolist())
    assert studied.origin["trained_here"]
