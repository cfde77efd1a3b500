from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import InputError, ModelFileError
from molq.screening.workers.job import ModelSource, read_model
from molq.screening.workers.scorer import load_scorer
from molq.store.molqfile import load

MODEL = Path(__file__).parents[3] / "models" / "bace-dmpnn.molq"


def test_it_is_the_engine_of_the_file():
    graphs = featurize(["CCO", "c1ccccc1"]).graphs
    scorer = load_scorer(read_model(str(MODEL)), False)
    network = load(MODEL).network
    assert scorer.columns == network.columns
    np.testing.assert_array_equal(scorer.scores(graphs), Engine(network).scores(graphs))


def test_a_single_model_has_no_spread_between_members():
    with pytest.raises(InputError, match=r"bace-dmpnn.molq: `spread` is .* a single model"):
        load_scorer(read_model(str(MODEL)), True)


def test_bytes_that_cannot_be_trusted_are_refused():
    whole = bytearray(MODEL.read_bytes())
    whole[-1] ^= 1
    with pytest.raises(ModelFileError, match=r"^m: .* damaged or altered"):
        load_scorer(ModelSource("m", bytes(whole)), False)
