from __future__ import annotations

import molq
from molq.server.pool.describe import description_of
from molq.server.run import named_sources


def test_a_model_is_described_as_its_file_says():
    (source,) = named_sources(["esol-dmpnn"])
    found, model = description_of(source, believes=True), molq.load("esol-dmpnn")
    assert (found.name, found.kind, found.scheme) == ("esol-dmpnn", model.kind, model.scheme)
    assert tuple(column.name for column in found.columns) == model.columns
    assert (found.size_bytes, found.content_hash, found.members) == (model.size_bytes, model.content_hash, 1)
    assert (found.trained_on, found.believes) == ("esol", True)
