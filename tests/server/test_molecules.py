from __future__ import annotations

import asyncio

import numpy as np

from molq.server.molecules import Extras, Molecules, answers_to
from molq.server.pool.waiting import BATCH_ROWS


def test_many_molecules_are_asked_in_pieces_and_put_together(client, service):
    n_rows = 2 * BATCH_ROWS + 7
    smiles = ["C" * (1 + n % 30) for n in range(n_rows)]
    smiles[BATCH_ROWS + 1] = "C("
    molecules = Molecules(tuple(smiles), None, {BATCH_ROWS + 2: "not read"})
    answers = asyncio.run(answers_to(molecules, ("bace-dmpnn",), Extras(), service))
    found = answers.models["bace-dmpnn"]
    assert found.scores.shape == (n_rows, 1)
    assert list(found.reasons) == [BATCH_ROWS + 1, BATCH_ROWS + 2]
    assert found.reasons[BATCH_ROWS + 2] == "not read"
    assert np.flatnonzero(np.isnan(found.scores[:, 0])).tolist() == [BATCH_ROWS + 1, BATCH_ROWS + 2]
