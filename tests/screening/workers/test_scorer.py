from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import ModelFileError
from molq.screening.workers.scorer import load_scorer
from molq.store.molqfile import load

MODEL = Path(__file__).parents[3] / "models" / "bace-dmpnn.molq"


def test_it_is_the_engine_of_the_file():
    graphs = featurize(["CCO", "c1ccccc1"]).graphs
    scorer = load_scorer(str(MODEL))
    network = load(MODEL).network
    assert scorer.tasks == network.tasks
    np.testing.assert_array_equal(scorer.scores(graphs), Engine(network).scores(graphs))


def test_a_file_that_cannot_be_trusted_is_refused(tmp_path):
    whole = bytearray(MODEL.read_bytes())
    whole[-1] ^= 1
    (tmp_path / "m.molq").write_bytes(whole)
    with pytest.raises(ModelFileError, match="damaged or altered"):
        load_scorer(str(tmp_path / "m.molq"))
