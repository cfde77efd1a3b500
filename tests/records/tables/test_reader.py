import gzip
import io
import itertools
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from anything import from_pipe, in_file, in_memory, plain_judge, read

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import FoundSources, Source
from molq.records.input.stream import opened
from molq.records.reader import LibraryReader, open_library, open_source
from molq.records.rows import stacked
from molq.records.tables import reader as table_reader
from molq.records.understand import understand
from molq.remote.objects import StoreRanges
from molq.remote.writing import put

N = 1000
TABLE = pa.table(
    {
        "ID": [f"m{i}" for i in range(N)],
        "Smiles": ["C" * (i % 7 + 1) if i % 100 else None for i in range(N)],
        "x": [i / 2 for i in range(N)],
    }
)


def parquet(table, **options):
    data = io.BytesIO()
    pq.write_table(table, data, **options)
    return data.getvalue()


def feather(table, **options):
    data = io.BytesIO()
    pyarrow.feather.write_feather(table, data, **options)
    return data.getvalue()


KINDS = {
    "a.parquet": parquet(TABLE, row_group_size=300),
    "a.parquet.gz": gzip.compress(parquet(TABLE)),
    "a.feather": feather(TABLE, chunksize=300),
    "a.arrow": feather(TABLE, compression="uncompressed"),
    "a": parquet(TABLE),
}


@pytest.mark.parametrize("name", KINDS)
def test_rows_of_a_table_from_anywhere(name, tmp_path):
    found = read(in_memory(KINDS[name], name), columns=("x",))
    assert found.molecules.texts() == [text or "" for text in TABLE["Smiles"].to_pylist()]
    assert found.ids.texts() == TABLE["ID"].to_pylist()
    assert [float(text) for text in found.columns[0]] == TABLE["x"].to_pylist()
    assert read(in_file(KINDS[name], tmp_path, name), 77, columns=("x",)) == found
    assert from_pipe(KINDS[name], 4096, columns=("x",)) == found


@pytest.mark.parametrize("start", [0, 1, 299, 300, 650, 1000])
@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_reading_goes_on_at_any_row(name, start):
    reader = LibraryReader(FoundSources([in_memory(KINDS[name], name)], []), Wanted(), plain_judge)
    chunks = list(reader.chunks(64, 256, start))
    ids = list(itertools.chain.from_iterable(understand(chunk, reader.layouts[0]).ids for chunk in chunks))
    assert ids == TABLE["ID"].to_pylist()[start:]
    assert all(a // 256 == (a + n - 1) // 256 for _, a, n, _ in chunks)


@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_a_remote_table_is_open_only_while_it_is_read(bucket, monkeypatch, name):
    """Of thousands of them nothing is held."""
    files = []
    monkeypatch.setattr(table_reader, "opened", lambda source: files.append(opened(source)) or files[-1])
    for part in (1, 2, 3):
        put(KINDS[name], f"{bucket}/{part}/{name}")
    reader = open_library(bucket, Wanted(), plain_judge)
    assert [file.closed for file in files] == [True] * 3
    n_rows = 0
    for chunk in reader.chunks(64, 256):
        n_rows += chunk.n_rows
        assert sum(not file.closed for file in files) == 1
    assert n_rows == 3 * N
    assert [file.closed for file in files] == [True] * 6


@pytest.mark.parametrize("error", [PermissionError(13, "the store refuses access"), FileNotFoundError(2, "it is gone")])
@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_what_a_store_does_not_give_is_not_called_damaged(bucket, monkeypatch, name, error):
    put(KINDS[name], f"{bucket}/{name}")
    reader = open_library(f"{bucket}/{name}", Wanted(), plain_judge)

    def refuse(ranges, start, stop):
        raise error

    monkeypatch.setattr(StoreRanges, "fetch", refuse)
    with pytest.raises(InputError, match=rf"{name}: cannot be read: {error.strerror}"):
        list(reader.chunks(64, 256))


def test_names_that_stand_twice_or_hold_a_point():
    table = pa.Table.from_arrays([["CC"], ["CO"], ["q"], [{"b": 1}]], names=["smiles", "smiles", "a.b", "a"])
    found = read(in_memory(parquet(table), "a.parquet"), columns=("smiles.1", "a.b", "a"))
    assert [found.molecules[0], *(column[0] for column in found.columns)] == ["CC", "CO", "q", '{"b": 1}']


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"smiles": [["CC"]]}), "NAME: column 'smiles' holds list<element: string> values, not SMILES"),
        (pa.table({"mol": [b"\x00"], "id": ["a"]}), "NAME: none of the columns 'mol', 'id' is a SMILES column"),
        (pa.table({"smiles": [1]}), "NAME: column 'smiles' holds int64 values"),
        (pa.table({}), "NAME: the table has no columns"),
    ],
)
def test_a_table_without_smiles_is_refused_in_a_line(table, message):
    found = read(in_memory(parquet(table), "a.parquet"))
    assert found.startswith(message)
    assert "\n" not in found


def test_a_column_of_nothing_is_rows_of_nothing():
    found = read(in_memory(parquet(pa.table({"smiles": pa.nulls(2), "id": ["a", "b"]})), "a.parquet"))
    assert (found.molecules.texts(), found.ids.texts()) == (["", ""], ["a", "b"])


@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_damage_is_one_line(name):
    data = bytearray(KINDS[name])
    data[200:600] = bytes(400)
    found = read(in_memory(bytes(data), name))
    assert isinstance(found, str)
    assert "\n" not in found
    with pytest.raises(InputError, match="not a readable"):
        LibraryReader(FoundSources([in_memory(KINDS[name][:500], name)], []), Wanted(), plain_judge)


def test_an_empty_table():
    assert read(in_memory(parquet(TABLE.slice(0, 0)), "a.parquet")) is None
    assert stacked([read(in_memory(KINDS["a"], "a"))]).molecules[1] == "CC"


def test_a_feather_file_that_is_cut_short_while_it_is_read_is_an_error(tmp_path):
    """And not a SIGBUS, which is what a file mapped into memory ends with."""
    batches = [pa.record_batch({"smiles": ["C" * 500] * 2000}) for _ in range(4)]
    with pa.OSFile(str(tmp_path / "a.feather"), "wb") as sink, pa.ipc.new_file(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    reader = open_library(tmp_path / "a.feather", Wanted(), plain_judge)
    chunks = reader.chunks(512, 1 << 20)
    assert next(chunks).n_rows == 512
    os.truncate(tmp_path / "a.feather", 100_000)
    with pytest.raises(InputError, match=r"a\.feather was changed while it was read"):
        list(chunks)


@pytest.mark.parametrize("seed", range(5))
def test_a_flipped_byte_of_a_parquet_page_is_found_by_its_checksum(seed):
    data = parquet(TABLE, write_page_checksum=True, compression="none", use_dictionary=False)
    at = data.index(b"\2\0\0\0CC") + 4 + seed * 50
    damaged = bytearray(data)
    damaged[at] ^= 1
    found = read(in_memory(bytes(damaged), "a.parquet"))
    assert "data are damaged: could not verify page integrity, CRC" in found
    assert found.endswith("; get another copy")


def test_rows_that_a_damaged_footer_hides_are_missed():
    """It has no checksum, and pyarrow reads on: no rows instead of a thousand, without an error."""
    data = parquet(TABLE.select(["Smiles"]), compression="none", use_dictionary=False)
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    hiding = []
    for at, bit in itertools.product(range(footer, len(data) - 8), range(8)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << bit
        try:
            n_rows = pq.ParquetFile(io.BytesIO(bytes(damaged))).read().num_rows
        except (OSError, pa.ArrowException, UnicodeDecodeError):
            continue
        if n_rows != N:
            hiding.append(bytes(damaged))
    assert hiding
    for damaged in hiding:
        assert isinstance(read(in_memory(damaged, "a.parquet")), str)  # the message of an error


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_no_bit_of_a_footer_ends_the_process(tmp_path, step):
    """pyarrow ends the process that asks it of a column whose sizes contradict each other: here it would be another."""
    table = pa.table({"smiles": ["CCO", "CN"], "mass": [46.1, 31.1]})
    pq.write_table(table, tmp_path / "a.parquet", compression="none", store_schema=False)
    done = subprocess.run(
        [sys.executable, "-c", FOOTER_BIT_BY_BIT, str(tmp_path / "a.parquet"), str(step)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    refused, as_it_was, other = map(int, done.stdout.split())
    assert refused > 500 // step
    assert as_it_was > 500 // step
    assert other == 0


FOOTER_BIT_BY_BIT = """
import itertools
import sys
from pathlib import Path
from anything import in_memory, plain_judge, read

data = Path(sys.argv[1]).read_bytes()
whole, found = read(in_memory(data, "a.parquet")), []
footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
bits = itertools.product(range(footer, len(data) - 8), range(8))
for at, bit in itertools.islice(bits, 0, None, int(sys.argv[2])):
    damaged = bytearray(data)
    damaged[at] ^= 1 << bit
    found.append(read(in_memory(bytes(damaged), "a.parquet")))
messages = sum(isinstance(f, str) for f in found)
same = sum(f == whole for f in found)
print(messages, same, len(found) - messages - same)
"""


def test_a_name_of_a_column_that_is_no_text_is_one_line():
    data = parquet(TABLE.select(["Smiles"]), store_schema=False)
    found = read(in_memory(data.replace(b"Smiles", b"Smi\xffes"), "a.parquet"))
    assert "not a readable Parquet file" in found


def test_text_of_feather_that_is_none_is_found():
    data = feather(TABLE, compression="uncompressed")
    damaged = bytearray(data)
    damaged[data.index(b"CCC")] = 0xFF
    assert "data are damaged: " in read(in_memory(bytes(damaged), "a.feather"))


def test_a_value_stored_once_for_many_rows_is_not_unpacked_at_once(tmp_path):
    """600 bytes on the disk, 2 GB as text: a few rows at a time are given out."""
    value = pa.array(["C" * (1 << 20)])
    table = pa.table({"smiles": pa.DictionaryArray.from_arrays(pa.array(np.zeros(2000, np.int32)), value)})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", store_schema=False)
    found = open_source(Source(str(tmp_path / "a.parquet")), Wanted(), plain_judge)
    body, n_rows = found.take(512)
    assert 1 <= n_rows <= 32
    assert len(body) < 40 << 20
    found.close()


def test_values_larger_than_a_record_are_told_by_the_header(tmp_path):
    table = pa.table({"smiles": ["C" * (60 << 20), "CC"]})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    with pytest.raises(
        InputError, match=r"a\.parquet: column 'smiles' holds 60 MiB in 2 values; a cell may have 16 MiB"
    ):
        open_source(Source(str(tmp_path / "a.parquet")), Wanted(), plain_judge)


def test_a_long_value_that_every_row_repeats_is_not_written_out(tmp_path):
    """300 rows that point to one value of 8 MB: 2.4 GB as text."""
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 300, pa.int32()), pa.array(["C" * 8_000_000]))
    pq.write_table(pa.table({"smiles": values}), tmp_path / "a.parquet", compression="zstd", store_schema=False)
    before = pa.total_allocated_bytes()
    chunks = open_library(tmp_path / "a.parquet", Wanted(), plain_judge).chunks(512, 16384)
    assert [next(chunks).n_rows for _ in range(3)] == [1, 1, 1]
    assert pa.total_allocated_bytes() - before < 200_000_000
