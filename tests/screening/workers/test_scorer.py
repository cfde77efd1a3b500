from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molq.chem.featurize import featurize
from molq.engine.engine import Engine
from molq.errors import ModelFileError
from molq.screening.workers.job import ModelSource
from molq.screening.workers.scorer import load_scorer
from molq.store.molqfile import load

MODEL = Path(__file__).parents[3] / "models" / "bace-dmpnn.molq"


def test_it_is_the_engine_of_the_file():
    graphs = featurize(["CCO", "c1ccccc1"]).graphs
    scorer = load_scorer(ModelSource(str(MODEL)))
    network = load(MODEL).network
    assert scorer.tasks == network.tasks
    np.testing.assert_array_equal(scorer.scores(graphs), Engine(network).scores(graphs))
    np.testing.assert_array_equal(
        load_scorer(ModelSource("model", MODEL.read_bytes())).scores(graphs), scorer.scores(graphs)
    )


def test_a_file_that_cannot_be_trusted_is_refused(tmp_path):
    whole = bytearray(MODEL.read_bytes())
    whole[-1] ^= 1
    (tmp_path / "m.molq").write_bytes(whole)
    for source in (ModelSource(str(tmp_path / "m.molq")), ModelSource("m", bytes(whole))):
        with pytest.raises(ModelFileError, match="damaged or altered"):
            load_scorer(source)
