from __future__ import annotations

import json

from made_training import make_repeats, make_training

from molq.results.plain import plain
from molq.results.training import Confusion, Training
from molq.serial import from_json


def test_counts_of_a_confusion():
    found = Confusion(0.4, 8, 2, 3, 17)
    assert (found.n_actives, found.n_inactives, found.n_called) == (10, 20, 11)


def test_a_training_comes_back_from_json():
    training = make_training(repeats=make_repeats(0.8, 0.7))
    text = json.dumps(plain(training), allow_nan=False)
    assert from_json(text, Training, "here") == training
    assert "repeats" not in plain(make_training())
