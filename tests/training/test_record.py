from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from molq.errors import InputError
from molq.nn.config import default_config
from molq.results.plain import plain
from molq.serial import from_json, to_json
from molq.store.card import Card
from molq.training.config import TrainConfig
from molq.training.loop import train
from molq.training.record import recorded_split, rows_as_text, rows_from_text, training_record

SETTINGS = TrainConfig(epochs=1)


@pytest.fixture(scope="module")
def trained(bace, split_at):
    split = split_at(240, 150, 30)
    config = default_config("dmpnn", bace.tasks, bace.kind, d_h=16)
    return train(config, bace, split, SETTINGS), split


def test_the_split_comes_back_from_the_card(bace, trained):
    result, split = trained
    record = training_record(result, bace, split, SETTINGS)
    read = from_json(to_json(plain(Card("m", training=record))), Card, "here").training
    again = recorded_split(read, bace)
    for side in ("train", "valid", "test"):
        assert getattr(again, side).tolist() == getattr(split, side).tolist()
    assert (again.method, again.seed, again.fractions) == (split.method, split.seed, split.fractions)
    assert read["dataset_sha256"] == bace.sha256
    assert read["curve"] == result.history


def test_nothing_is_known_of_another_data_set_nor_without_a_record(bace, trained):
    record = training_record(trained[0], bace, trained[1], SETTINGS)
    assert recorded_split(record, replace(bace, sha256="f" * 64)) is None
    assert recorded_split(None, bace) is None


def test_other_molecules_of_the_same_file_are_refused(bace, trained):
    record = training_record(trained[0], bace, trained[1], SETTINGS)
    with pytest.raises(InputError, match="240 molecules of bace, and 239 are given"):
        recorded_split(record, bace.subset(np.arange(1, len(bace))))


@pytest.mark.parametrize("rows", [[], [0], [7], [8], list(range(100)), [3, 41_126]])
def test_rows_survive_as_text(rows):
    assert rows_from_text(rows_as_text(np.array(rows, np.int64))).tolist() == rows
    assert rows_from_text(rows).tolist() == rows, "older cards hold lists"


def test_a_tenth_of_many_rows_takes_little_room():
    rows = np.flatnonzero(np.random.default_rng(0).random(40_000) < 0.1)
    assert len(rows_as_text(rows)) < 5_000


@pytest.mark.parametrize("text", ["?", "AAAA", rows_as_text(np.arange(1000))[:-8], "eJwDAA=="])
def test_damaged_rows_are_an_error(text):
    with pytest.raises(InputError, match="held-out rows"):
        rows_from_text(text)
