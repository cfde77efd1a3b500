from __future__ import annotations

import csv
import gzip
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from molq.chem.judge import are_smiles
from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.reader import LibraryReader, open_library
from molq.records.shard import Shard, parts_of, read_shard
from molq.records.understand import understand

ROWS = [("C" * (1 + i % 9) + "O", f"id{i}", "x" * (i * 7 % 40)) for i in range(120)]
BREAKS = ["", ",", "\n\n", '"', "\r\nx,y,z\n", 'a"b']


def plain(path: Path, end: str = "\n", encoding: str = "utf-8") -> None:
    lines = ["smiles,id,note", *(",".join(row) for row in ROWS)]
    path.write_bytes("".join(line + end for line in lines).encode(encoding))


def quoted(path: Path) -> None:
    chance = random.Random(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "id", "note"])
        writer.writerows((*row[:2], row[2] + chance.choice(BREAKS)) for row in ROWS)


def table() -> pa.Table:
    return pa.table({"smiles": [row[0] for row in ROWS], "id": [row[1] for row in ROWS]})


def mol_blocks(path: Path) -> None:
    from rdkit import Chem

    with Chem.SDWriter(str(path)) as writer:
        for smiles, name, note in ROWS[:40]:
            mol = Chem.MolFromSmiles(smiles)
            mol.SetProp("_Name", name)
            mol.SetProp("note", note or "none")
            writer.write(mol)


MAKERS = {
    "plain.csv": plain,
    "quoted.csv": quoted,
    "crlf.csv": lambda path: plain(path, "\r\n"),
    "cr.csv": lambda path: plain(path, "\r"),
    "blank.csv": lambda path: plain(path, "\n\n\n"),
    "mark.csv": lambda path: plain(path, encoding="utf-8-sig"),
    "wide.csv": lambda path: plain(path, encoding="utf-16"),
    "bare.smi": lambda path: path.write_text("".join(f"{smiles} {name}\n" for smiles, name, _ in ROWS)),
    "open.smi": lambda path: path.write_text("\n".join(f"{smiles} {name}" for smiles, name, _ in ROWS)),
    "packed.csv.gz": lambda path: (plain(path), path.write_bytes(gzip.compress(path.read_bytes()))),
    "groups.parquet": lambda path: pq.write_table(table(), path, row_group_size=7),
    "one.parquet": lambda path: pq.write_table(table(), path),
    "batches.feather": lambda path: feather.write_feather(table(), str(path), chunksize=11),
    "blocks.sdf": mol_blocks,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    for name, make in MAKERS.items():
        make(folder / name)
    return {name: folder / name for name in MAKERS}


def opened(paths: list[Path] | list[str], shard: Shard | None = None) -> LibraryReader:
    return open_library(paths, Wanted(), are_smiles, shard=shard)


def rows_of(paths: list[Path] | list[str], shard: Shard | None = None) -> list[tuple[str, str]]:
    reader, found = opened(paths, shard), []
    for chunk in reader.chunks(13, 50):
        assert chunk.first_row == len(found)
        rows = understand(chunk, reader.layouts[chunk.layout])
        found += zip(rows.molecules.texts(), rows.ids.texts(), strict=True)
    return found


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("count", [1, 2, 7, 41])
def test_the_shards_of_a_file_hold_every_row_once_and_in_order(files, name, count):
    shards = [rows_of([files[name]], Shard(number, count)) for number in range(1, count + 1)]
    assert [row for shard in shards for row in shard] == rows_of([files[name]])
    if count == 7:
        assert all(shards), "of so many rows every shard has some"


def test_more_shards_than_rows_are_empty_or_hold_one(tmp_path):
    path = tmp_path / "few.smi"
    path.write_text("CCO\nCCN\nCCC\n")
    shards = [rows_of([path], Shard(number, 100)) for number in range(1, 101)]
    assert sorted(map(len, shards)) == [0] * 97 + [1] * 3


def test_shards_of_several_files_cross_their_ends(files):
    paths = [files[name] for name in ("plain.csv", "groups.parquet", "bare.smi", "packed.csv.gz")]
    shards = [rows_of(paths, Shard(number, 5)) for number in range(1, 6)]
    assert [row for shard in shards for row in shard] == rows_of(paths)


def test_small_groups_are_not_cut(files):
    starts = []
    for number in range(1, 5):
        shard = rows_of([files["groups.parquet"]], Shard(number, 4))
        starts.append(ROWS.index((*shard[0], next(row[2] for row in ROWS if row[1] == shard[0][1]))))
    assert all(start % 7 == 0 for start in starts)


def test_a_reader_says_what_is_read_more_than_once(files):
    assert opened([files["plain.csv"]], Shard(1, 2)).part_notes == []
    notes = opened([files["packed.csv.gz"]], Shard(1, 2)).part_notes
    assert len(notes) == 1
    assert "read from its beginning for every shard" in notes[0]


def test_rows_in_all_are_told_of_a_shard(files):
    reader = opened([files["one.parquet"]], Shard(2, 4))
    assert reader.total_rows(0) == 30


def test_a_stream_is_not_cut(monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"CCO\nCCN\n")))
    with pytest.raises(InputError, match="standard input can be read only once, and cannot be cut into shards"):
        open_library("-", Wanted(), are_smiles, shard=Shard(1, 2))


@pytest.mark.parametrize("name", ["plain.csv", "groups.parquet"])
def test_what_a_server_does_not_tell_the_size_of_is_not_cut(files, name):
    """Every shard of it would hold all rows, or none."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(files[name].read_bytes())

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/{name}"
            with pytest.raises(InputError, match=rf"{name} stands on a server that does not tell its size"):
                opened([url], Shard(1, 2))
            with pytest.raises(InputError, match=rf"/{name} stands on a server"):
                opened([str(files["plain.csv"]), url], Shard(1, 2))
            reader = opened([url])
            assert (reader.total_bytes, reader.is_cut_anywhere) == (None, False)
            assert rows_of([url]) == rows_of([files[name]])
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("sizes", [[10], [1, 1, 1], [1000, 3, 77], [5, 10**12]])
@pytest.mark.parametrize("count", [1, 3, 10, 1000])
def test_parts_lie_end_to_end(sizes, count):
    at = [0] * len(sizes)
    for number in range(1, count + 1):
        for i, part in enumerate(parts_of(sizes, Shard(number, count))):
            assert part.start == (at[i] if not part.is_empty else part.start)
            at[i] = max(at[i], part.stop)
    assert at == sizes


@pytest.mark.parametrize("text", ["3/200", " 3 / 200 "])
def test_a_shard_is_a_number_and_a_count(text):
    assert read_shard(text) == Shard(3, 200)
    assert str(Shard(3, 200)) == "3/200"


@pytest.mark.parametrize(
    "text", ["0/5", "6/5", "3/x", "x", "", "3", "-1/5", "1/0", "3/2000000", "1.5/2", "1/2/3", "9" * 5000 + "/2", "²/3"]
)
def test_what_is_no_shard_is_refused_in_a_line(text):
    with pytest.raises(InputError, match="`shard` is ") as caught:
        read_shard(text)
    assert len(str(caught.value)) < 150
