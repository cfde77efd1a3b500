from __future__ import annotations

import numpy as np

from molq.records.cells import cells_of
from molq.screening.output.formats import format_of
from molq.screening.shards.manifest import read_manifest, shards_in
from molq.screening.shards.reader import ShardsReader
from molq.screening.shards.runner import ShardsRunner, _spread


def test_what_shards_came_to_is_counted_once(sharded, tmp_path):
    folder = sharded(4)
    shards = [read_manifest(folder, shard) for shard in shards_in(folder)]
    reader = ShardsReader(folder, shards)
    runner = ShardsRunner(shards, reader.first_rows, format_of(tmp_path / "out.csv", shards[0].table))
    results = list(runner.run(reader.chunks(1, 100), lambda: ()))
    assert sum(result.n_rows for result in results) == 1500
    assert sum(result.scored for result in results) == 1485
    assert sum(sum(result.reasons.values()) for result in results) == 15
    assert sum(result.body.count(b"\n") for result in results) == 1500


def test_rows_that_are_not_kept_are_empty():
    cells = _spread(cells_of(["ab", "", "c"]), np.array([1, 2, 4]), 6)
    assert cells.texts() == ["", "ab", "", "", "c", ""]
