from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molq.chem.judge import are_smiles
from molq.records.choice import Wanted
from molq.records.reader import LibraryReader, open_library
from molq.records.understand import understand
from molq.screening.shards import sample as module
from molq.screening.shards.sample import LibrarySample, sample_library

N = 5000
SMILES = ["C" * (1 + row * 30 // N) + "O" for row in range(N)]


def sampled(path: Path, n_rows: int) -> LibrarySample:
    reopen = partial(open_library, path, Wanted(), are_smiles)
    return sample_library(lambda shard: reopen(shard=shard), n_rows)


def texts(sample: LibrarySample) -> list[str]:
    return [
        text for chunk in sample.chunks for text in understand(chunk, sample.layouts[chunk.layout]).molecules.texts()
    ]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "sorted.csv"
    path.write_text("smiles,id\n" + "".join(f"{text},M{row}\n" for row, text in enumerate(SMILES)))
    return path


def test_a_sample_comes_from_all_over_a_text_and_tells_how_many_rows_there_are(text):
    found = sampled(text, 200)
    assert not found.is_counted
    assert abs(found.rows - N) < 0.05 * N
    lengths = [len(one) for one in texts(found)]
    assert (min(lengths) < 7, max(lengths) > 27) == (True, True)
    assert 50 < len(lengths) < 400
    rows = [chunk.first_row for chunk in found.chunks]
    assert rows == [sum(chunk.n_rows for chunk in found.chunks[:i]) for i in range(len(rows))]


def test_a_table_states_its_rows(tmp_path):
    path = tmp_path / "sorted.parquet"
    pq.write_table(pa.table({"smiles": SMILES}), path)
    found = sampled(path, 200)
    assert (found.rows, found.is_counted) == (N, True)
    assert len(set(texts(found))) >= 10


def test_of_what_is_packed_the_first_rows_are_taken_and_that_is_said(text, monkeypatch):
    packed = text.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(text.read_bytes()))
    found = sampled(packed, 200)
    assert found.rows == N
    assert texts(found)[:3] == SMILES[:3]
    assert "read from its beginning for every shard" in found.notes[0]
    monkeypatch.setattr(module, "_ESTIMATE_ROWS", 1000)
    assert sampled(packed, 200).rows >= 1000


def test_where_no_size_tells_how_many_rows_there_are_they_are_counted(text, monkeypatch):
    packed = text.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(text.read_bytes()))
    monkeypatch.setattr(module, "_ESTIMATE_ROWS", 1000)
    monkeypatch.setattr(LibraryReader, "total_rows", lambda reader, row: None)
    assert sampled(packed, 200).rows == N


def test_a_small_library_is_taken_whole(text):
    found = sampled(text, 10_000)
    assert (found.rows, found.is_counted) == (N, True)
    assert texts(found) == SMILES
