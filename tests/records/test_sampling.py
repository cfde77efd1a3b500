"""Rows drawn by pieces stand for all: held against the whole by tests that see a draw that does not."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from molq.records import sampling
from molq.records.choice import Wanted
from molq.records.reader import LibraryReader, open_library
from molq.records.sampling import chunks_of_pieces, draw_pieces, is_sampled
from molq.records.text import cuts
from molq.records.understand import understand

N_ROWS = 20_000
N_DRAWS = 60
LENGTHS = (1 + 40 * (np.arange(N_ROWS) % 97 == 0) + np.arange(N_ROWS) // 1500).astype(int)
"""carbons of the molecule in each row: sorted as libraries are, and here and there a long one"""


def texts() -> list[str]:
    return ["C" * length for length in LENGTHS]


def csv_file(folder) -> str:
    path = folder / "library.csv"
    path.write_text("smiles,row\n" + "".join(f"{text},{row}\n" for row, text in enumerate(texts())))
    return str(path)


def parquet_files(folder) -> str:
    table = pa.table({"smiles": texts(), "row": [str(row) for row in range(N_ROWS)]})
    (folder / "parts").mkdir()
    for name, start, n_rows in (("a", 0, 3000), ("b", 3000, 12_000), ("c", 15_000, 5000)):
        pq.write_table(table.slice(start, n_rows), folder / "parts" / f"{name}.parquet", row_group_size=2500)
    return str(folder / "parts")


@pytest.fixture(params=[csv_file, parquet_files])
def reader(request, tmp_path, monkeypatch) -> LibraryReader:
    monkeypatch.setattr(sampling, "LARGE_BYTES", 10_000)
    monkeypatch.setattr(sampling, "N_PIECES", 8)
    monkeypatch.setattr(sampling, "_FIRST_BYTES", 2000)
    return open_library(request.param(tmp_path), Wanted(columns=("row",)), lambda cells: [True] * len(cells))


def drawn(reader: LibraryReader, seed: int, n_rows: int = 600) -> np.ndarray:
    """The rows of one draw."""
    chunks = chunks_of_pieces(reader, draw_pieces(reader, n_rows, seed))
    return np.array([int(t) for c in chunks for t in understand(c, reader.layouts[c.layout]).columns[0].texts()])


def p_of_places(draws: list[np.ndarray]) -> float:
    """That rows of all stretches of the library are equally likely: chi-squared over 16 stretches.

    Rows of one piece come together, so what is counted are pieces: a stretch of each draw gives one number, its rows,
    and their mean over the draws is held against its standard error.
    """
    counts = np.array([np.histogram(rows, 16, (0, N_ROWS))[0] for rows in draws])
    share = counts / counts.sum(axis=1, keepdims=True)
    z = (share.mean(axis=0) - 1 / 16) / np.maximum(share.std(axis=0, ddof=1) / np.sqrt(len(draws)), 1e-4)
    return float(stats.chi2.sf((z**2).sum(), 15))


def p_of_means(draws: list[np.ndarray]) -> float:
    """That the mean length of a draw has the library's for its expectation."""
    means = np.array([LENGTHS[rows].mean() for rows in draws])
    return float(stats.ttest_1samp(means, LENGTHS.mean()).pvalue)


def test_every_row_is_as_likely_as_any_other(reader):
    assert is_sampled(reader)
    draws = [drawn(reader, seed) for seed in range(N_DRAWS)]
    assert all(len(np.unique(rows)) == len(rows) for rows in draws)
    assert all((np.diff(rows) > 0).all() for rows in draws)
    assert 400 < np.mean([len(rows) for rows in draws]) < 1200
    assert p_of_places(draws) > 0.001
    assert p_of_means(draws) > 0.001


def test_the_tests_see_a_draw_that_is_biased():
    """The row at a random byte, as a quick sampler takes it, is a long one too often; the first rows are all short."""
    dice = np.random.default_rng(0)
    ends = np.cumsum(LENGTHS + 1 + np.char.str_len(np.arange(N_ROWS).astype(str)) + 1)
    by_bytes = [np.unique(np.searchsorted(ends, dice.integers(ends[-1], size=600))) for _ in range(N_DRAWS)]
    assert p_of_means(by_bytes) < 1e-6
    thinned = [rows[(rows > N_ROWS // 16) | (dice.random(len(rows)) < 0.8)] for rows in by_bytes]
    fair = [np.sort(dice.choice(N_ROWS, 600, replace=False)) for _ in range(N_DRAWS)]
    assert p_of_places(thinned) < 1e-6
    assert p_of_means(fair) > 0.001
    assert p_of_places(fair) > 0.001


def test_a_seed_gives_its_rows_again(reader):
    assert (drawn(reader, 3) == drawn(reader, 3)).all()
    assert len(drawn(reader, 3)) != len(drawn(reader, 4)) or (drawn(reader, 3) != drawn(reader, 4)).any()


def test_of_a_text_with_quotes_every_piece_begins_where_the_last_one_ended(tmp_path, monkeypatch):
    """And not at the beginning of the file."""
    read, real = [], cuts._after_records

    def after_records(file, byte, first, *rest):
        read.append(byte - first)
        return real(file, byte, first, *rest)

    monkeypatch.setattr(cuts, "_after_records", after_records)
    monkeypatch.setattr(sampling, "_FIRST_BYTES", 2000)
    path = tmp_path / "quoted.csv"
    path.write_text("smiles,row\n" + "".join(f'"{text}",{row}\n' for row, text in enumerate(texts())))
    reader = open_library(str(path), Wanted(columns=("row",)), lambda cells: [True] * len(cells))
    rows = drawn(reader, 0, 2000)
    assert len(read) > sampling.N_PIECES
    assert sum(read) < 3 * path.stat().st_size
    assert (np.diff(rows) > 0).all()


def test_a_library_hardly_larger_than_the_draw_is_read_whole(reader):
    assert len(drawn(reader, 0, 10 * N_ROWS)) == N_ROWS


def test_what_is_small_or_cannot_be_cut_is_not_sampled(tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "LARGE_BYTES", 1000)

    def reader_of(data: bytes) -> LibraryReader:
        (tmp_path / "x").write_bytes(data)
        return open_library(str(tmp_path / "x"), Wanted(), lambda cells: [True] * len(cells))

    text = b"smiles\n" + b"CCO\n" * 1000
    compressed = io.BytesIO()
    with gzip.GzipFile(fileobj=compressed, mode="wb", compresslevel=0) as file:
        file.write(text)
    assert is_sampled(reader_of(text))
    assert not is_sampled(reader_of(text[:500]))
    assert not is_sampled(reader_of(compressed.getvalue()))
