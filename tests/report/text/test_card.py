from __future__ import annotations

import re

import pytest
import torch
from msgspec import structs

from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.report.text.card import card_text, made_text
from molq.store.card import Card
from molq.store.molqfile import read_header, save

INTERVAL = {"value": 0.87123, "low": 0.83, "high": 0.91, "n": 152, "level": 0.95}
CARD = Card(
    "BACE [inhibition]",
    "inhibitors of beta-secretase, " * 4,
    training={
        "dataset": "bace",
        "dataset_sha256": "ab" * 32,
        "molecules": 1513,
        "rejected": 2,
        "split": {
            "method": "scaffold",
            "seed": 3,
            "fractions": [0.8, 0.1, 0.1],
            "n_train": 1210,
            "n_valid": 151,
            "n_test": 152,
            "valid_rows": [*range(151)],
            "test_rows": "eJxj" * 90,
        },
        "settings": {"epochs": 50, "batch_size": 64},
        "best_epochs": [41],
        "curve": [{"epoch": i} for i in range(50)],
        "note": [*range(30)],
    },
    calibration={
        "strategy": "scaffold",
        "size": 200,
        "seed": 1,
        "sha256": "cd" * 32,
        "molecules_used": 198,
        "observer": "mse",
        "coverage": {"scaffold": 0.51, "element": 1.0, "strata": 40.0},
    },
    metrics={"valid_roc_auc": 0.81, "test_pr_auc": INTERVAL | {"value": 0.5}, "test_roc_auc": INTERVAL, "bedroc": None},
    provenance={
        "quantized_from": {"name": "mother", "content_hash": "sha256:" + "0123456789ab" * 5 + "cdef"},
        "scheme": "int8",
        "rounding": "gptq",
        "equalize": True,
        "qat": {"epochs": 5, "molecules": "bace"},
    },
)


def header(folder, card=CARD, tasks=("pIC50", "logP"), members=1):
    torch.manual_seed(0)
    config = PredictorConfig("dmpnn", tasks, "regression", d_h=8, head_hidden=(4,))
    model = Predictor(config) if members == 1 else Ensemble([Predictor(config) for _ in range(members)])
    save(folder / "m.molq", model, card, force=True)
    return read_header(folder / "m.molq")


@pytest.fixture
def text(tmp_path):
    return card_text(header(tmp_path))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_it_reads_like_a_card(text):
    assert text.splitlines()[0] == "BACE [inhibition]"
    for words in (
        "predicts 2 tasks (regression): pIC50, logP",
        "network dmpnn, width 8, depth 3, norm readout, head 4-2, V2 features",
        "trained on 1,210 of 1,513 molecules of bace, 2 more could not be read",
        "151 validation and 152 test molecules held out, scaffold split, seed 3",
        "best epoch 41 of 50",
        "accuracy ROC-AUC 0.8712 [0.8300, 0.9100] on 152 test molecules PR-AUC 0.5000 [0.8300, 0.9100]",
        "ROC-AUC 0.8100 on 151 validation molecules",
        "in brackets: 95% intervals",
        "bedroc not known",
        "calibrated on 198 of 200 molecules, strategy scaffold, seed 1, ranges by mse",
        "scaffolds 51%, elements 100%",
        "made from mother (sha256:0123456789ab…), quantized with int8",
        "fine-tuned 5 epochs of quantization-aware training on bace",
        "options equalize yes, rounding gptq",
        "made with molq ",
    ):
        assert words in squeezed(text), words


def test_lists_of_rows_are_counted_not_printed(text):
    assert "eJxj" not in text
    assert "note: 30 entries" in text
    assert "curve" not in text


def test_it_fits_80_columns(text, tmp_path):
    assert max(map(len, text.replace(str(tmp_path), "").splitlines())) <= 80
    many = header(tmp_path, tasks=tuple(f"task with a long name {i}" for i in range(31)))
    assert max(map(len, card_text(many).replace(str(tmp_path), "").splitlines())) <= 80
    assert "31 tasks (regression): task with a long name 0," in card_text(many)


def test_an_ensemble_shows_the_layers_of_one_member(tmp_path):
    text = card_text(header(tmp_path, members=3))
    assert "ensemble of 3: dmpnn" in text
    assert len(re.findall(r"^encoder\.W_h ", text, re.M)) == 1
    assert "and so in each of the 3 members" in text


def test_a_bare_card_says_what_is_not_known(tmp_path):
    text = card_text(header(tmp_path, Card("m"), tasks=("y",)))
    assert text.startswith("m\n\npredicts   y (regression)\n")
    assert "accuracy   not measured of this file" in text
    assert "trained" not in text
    assert "calibrated" not in text


def test_cards_of_other_hands_are_shown_too(tmp_path):
    card = structs.replace(
        CARD, training={"dataset": "mine", "seed": 3, "who": "me"}, calibration={"size": 9}, provenance=None
    )
    text = squeezed(card_text(header(tmp_path, card)))
    assert "trained on mine seed: 3 who: me" in text
    assert "calibrated on 9 molecules" in text


def test_the_origin_of_an_import(tmp_path):
    card = Card("m", provenance={"imported_from": "chemprop", "files": [{"name": "a.pt", "sha256": "0" * 64}]})
    assert "made from chemprop: a.pt" in squeezed(card_text(header(tmp_path, card)))


def test_the_content_is_verified_or_not(tmp_path):
    made = header(tmp_path)
    assert card_text(made).endswith(made.content_hash)
    assert card_text(made, verified=True).endswith(f"{made.content_hash}\nverified: the content has this hash")


def test_a_model_just_made_is_told_with_what_it_came_to(tmp_path):
    text = made_text(header(tmp_path, members=3))
    first, *rest = text.splitlines()
    assert first.startswith(f"{tmp_path / 'm.molq'}: dmpnn, 3 members, 2 regression tasks, fp32, ")
    assert "trained on 1,210 of 1,513 molecules of bace" in squeezed(text)
    assert "ROC-AUC 0.8712 [0.8300, 0.9100] on 152 test molecules" in squeezed(text)
    assert max(map(len, rest)) <= 80
    assert len(made_text(header(tmp_path, Card("bare"))).splitlines()) == 1
