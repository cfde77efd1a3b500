"""The one reader on every kind of file: rows a second, and whether the same molecules get the same scores.

Rows a second, with chunks of 512 rows as a screen takes them: ``cut`` is what the parent of the workers does, ``read``
what parent and worker do together, up to SMILES that can be scored. Of SD files RDKit's parser is most of it.

    python bench/readers.py                  100,000 rows a kind (10,000 of SD files), 5,000 molecules scored 17 ways
    python bench/readers.py --rows 10000 --molecules 500
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import hashlib
import io
import lzma
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
from rdkit import Chem

from molq.chem.identity import canonical_smiles
from molq.chem.judge import are_smiles
from molq.chem.table import read_table
from molq.data.locate import locate
from molq.records.choice import Wanted
from molq.records.reader import open_library
from molq.screening.read_chunk import read_chunk
from molq.screening.screen import screen

MODEL = Path(__file__).parent.parent / "models" / "bace-dmpnn.molq"
CHUNK_ROWS, SHARD_ROWS = 512, 65536
Rows = Sequence[tuple[str, str]]


def delimited(rows: Rows, delimiter: str, quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows([("smiles", "id"), *rows])
    return text.getvalue().encode()


def spaced(rows: Rows) -> bytes:
    return "".join(f"{smiles} {name}\n" for smiles, name in rows).encode()


def sdf(rows: Rows, v3000: bool = False) -> bytes:
    text = io.StringIO()
    with Chem.SDWriter(text) as writer:
        writer.SetForceV3000(v3000)
        for smiles, name in rows:
            mol = Chem.MolFromSmiles(smiles)
            mol.SetProp("_Name", name)
            writer.write(mol)
    return text.getvalue().encode()


def table(rows: Rows) -> pa.Table:
    return pa.table({"smiles": [row[0] for row in rows], "id": [row[1] for row in rows]})


def parquet(rows: Rows) -> bytes:
    data = io.BytesIO()
    pq.write_table(table(rows), data)
    return data.getvalue()


def feather(rows: Rows) -> bytes:
    data = io.BytesIO()
    pyarrow.feather.write_feather(table(rows), data)
    return data.getvalue()


def workbook(rows: Rows) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [("smiles", "id"), *rows]:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("library", data)
    return packed.getvalue()


READERS: dict[str, Callable[[Rows], bytes]] = {
    "a.csv": lambda rows: delimited(rows, ","),
    "quoted.csv": lambda rows: delimited(rows, ",", csv.QUOTE_ALL),
    "semicolons.csv": lambda rows: delimited(rows, ";"),
    "utf-16.csv": lambda rows: delimited(rows, ",").decode().encode("utf-16"),
    "a.tsv": lambda rows: delimited(rows, "\t"),
    "a.smi": spaced,
    "a.sdf": sdf,
    "v3000.sdf": lambda rows: sdf(rows, True),
    "a.parquet": parquet,
    "a.feather": feather,
    "a.xlsx": workbook,
    "a.csv.gz": lambda rows: gzip.compress(delimited(rows, ",")),
    "a.csv.bz2": lambda rows: bz2.compress(delimited(rows, ",")),
    "a.csv.xz": lambda rows: lzma.compress(delimited(rows, ",")),
    "a.csv.zst": lambda rows: pa.compress(delimited(rows, ","), codec="zstd", asbytes=True),
    "a.zip": lambda rows: zipped(delimited(rows, ",")),
    "a.parquet.gz": lambda rows: gzip.compress(parquet(rows)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--molecules", type=int, default=5_000)
    parser.add_argument("--dataset", default="moses-test")
    options = parser.parse_args()
    smiles = read_table(locate(options.dataset)).read_smiles
    rows = [(text, f"m{i}") for i, text in enumerate(smiles[: options.rows])]
    few = [(canonical_smiles(text), name) for text, name in rows[: options.molecules]]
    print(f"| file | rows | cut, rows/s | read, rows/s | {len(few):,} molecules: sha256 of the scores |")
    print("|---|---:|---:|---:|---|")
    with tempfile.TemporaryDirectory() as folder:
        for line in measured(rows, few, Path(folder)):
            print(line, flush=True)


def measured(rows: Rows, few: Rows, folder: Path) -> Iterator[str]:
    for name, write in READERS.items():
        path = folder / name
        n_rows = len(rows) // 10 if "sdf" in name else len(rows)
        path.write_bytes(write(rows[:n_rows]))
        cut, read = (max(rate(path, understood) for _ in range(3)) for understood in (False, True))
        path.write_bytes(write(few))
        screen(str(MODEL), path, folder / "out.csv", workers=0, force=True)
        digest = hashlib.sha256((folder / "out.csv").read_bytes()).hexdigest()[:12]
        yield f"| {name} | {n_rows:,} | {cut:,.0f} | {read:,.0f} | {digest} |"


def rate(path: Path, understood: bool) -> float:
    """Rows a second."""
    started = time.perf_counter()
    reader = open_library(path, Wanted(), are_smiles)
    n_rows = 0
    for chunk in reader.chunks(CHUNK_ROWS, SHARD_ROWS):
        n_rows += len(list(read_chunk(chunk, reader.layouts[0]).smiles)) if understood else chunk.n_rows
    return n_rows / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
