"""Small files that stand for much: each function writes one and gives its path."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import os
import pickle
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from molq.store import container
from molq.store.molqfile import load
from molq.store.schema import describe

_MIB = 1 << 20
_ZSTD_BLOCK = 1 << 17
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
    f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
    f'"{_MAIN}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_MAIN}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type='
    f'"{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id='
    '"rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type='
    f'"{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type='
    f'"{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def gzipped(path: Path, head: bytes, unit: bytes, n_bytes: int) -> Path:
    """A gzip of ``head`` and so many bytes of ``unit``, over and over."""
    block = unit * (_MIB // len(unit))
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(head)
        for _ in range(n_bytes // len(block)):
            file.write(block)
    return path


def gzipped_twice(path: Path, head: bytes, unit: bytes, n_bytes: int) -> Path:
    """A gzip of such a gzip: a few kilobytes."""
    path.write_bytes(gzip.compress(gzipped(path, head, unit, n_bytes).read_bytes()))
    return path


def bzipped(path: Path, head: bytes, unit: bytes, n_bytes: int) -> Path:
    """The same by bzip2, which shrinks it further."""
    path.write_bytes(bz2.compress(head + unit * (n_bytes // len(unit))))
    return path


def zstandard(path: Path, head: bytes, byte: bytes, n_bytes: int, window_log: int = 17) -> Path:
    """A zstd frame with a window of so many bits: ``head``, then one byte ``n_bytes`` times in 4 bytes per 128 KiB."""
    blocks = [(len(head) << 3).to_bytes(3, "little") + head]
    blocks += [(_ZSTD_BLOCK << 3 | 1 << 1).to_bytes(3, "little") + byte] * (n_bytes // _ZSTD_BLOCK)
    last = (1 << 3 | 1 << 1 | 1).to_bytes(3, "little") + byte
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([window_log - 10 << 3]) + b"".join(blocks) + last)
    return path


def lzma_with_dictionary(path: Path, head: bytes, n_bytes: int, dictionary_bytes: int) -> Path:
    """An xz file of some text whose header asks for a dictionary of so many bytes."""
    text = head + b"CCO\n" * (n_bytes // 4)
    path.write_bytes(lzma.compress(text, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": _MIB}]))
    # the size of the dictionary is one byte of the block header, which has a sum of its own
    blob = bytearray(path.read_bytes())
    at = blob.index(b"\x21\x01", 12) + 2
    blob[at] = next(bits for bits in range(41) if (2 | bits & 1) << bits // 2 + 11 >= dictionary_bytes)
    size = (blob[12] + 1) * 4
    blob[12 + size - 4 : 12 + size] = zlib.crc32(blob[12 : 12 + size - 4]).to_bytes(4, "little")
    path.write_bytes(blob)
    return path


def zipped(path: Path, head: bytes, unit: bytes, n_bytes: int) -> Path:
    """The only member of a zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as file:
        file.write(head)
        for _ in range(n_bytes // _MIB):
            file.write(unit * (_MIB // len(unit)))
    return path


def sparse(path: Path, head: bytes, n_bytes: int) -> Path:
    """A file of zeros after ``head``, which takes no place on the disk."""
    path.write_bytes(head)
    os.truncate(path, n_bytes)
    return path


def workbook(path: Path, rows: Iterable[str], shared: str = "") -> Path:
    """An .xlsx of these rows of XML, and of shared strings."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _WORKBOOK.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
        archive.writestr("xl/sharedStrings.xml", f'<?xml version="1.0"?><sst xmlns="{_SHEET}">{shared}</sst>')
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(f'<?xml version="1.0"?><worksheet xmlns="{_SHEET}"><sheetData>'.encode())
            for row in rows:
                file.write(row.encode())
            file.write(b"</sheetData></worksheet>")
    return path


def cell(place: str, text: str) -> str:
    """Of a row of a workbook."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def filled_workbook(path: Path, n_rows: int, n_letters: int) -> Path:
    """Every row holds so many letters."""
    texts = ("smiles" if row == 1 else "C" * n_letters for row in range(1, n_rows + 1))
    return workbook(path, (f'<row r="{row}">{cell(f"A{row}", text)}</row>' for row, text in enumerate(texts, 1)))


def repeating_workbook(path: Path, n_rows: int, n_letters: int) -> Path:
    """Every row points to one shared string."""
    rows = (f'<row r="{i}"><c r="A{i}" t="s"><v>{int(i > 1)}</v></c></row>' for i in range(1, n_rows + 1))
    return workbook(path, rows, f"<si><t>smiles</t></si><si><t>{'C' * n_letters}</t></si>")


def far_workbook(path: Path) -> Path:
    """Two cells a sheet apart."""
    near = f'<row r="1">{cell("A1", "smiles")}</row><row r="2">{cell("A2", "CC")}</row>'
    return workbook(path, [near, f'<row r="1048576">{cell("XFD1048576", "x")}</row>'])


def parquet_dictionary(path: Path, n_rows: int, n_letters: int) -> Path:
    """A dictionary of one long value that every row points to."""
    indices = pa.array([0] * n_rows, pa.int32())
    table = pa.table({"smiles": pa.DictionaryArray.from_arrays(indices, pa.array(["C" * n_letters]))})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    return path


def parquet_cells(path: Path, n_rows: int, n_letters: int) -> Path:
    """Few rows of very long cells."""
    table = pa.table({"smiles": pa.array(["CC", *["C" * n_letters] * n_rows])})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    return path


class Name(NamedTuple):
    """A class or function in a pickle, which need not be there."""

    module: str
    name: str


class Numbers(NamedTuple):
    """A tensor of zeros in a pickle."""

    shape: tuple[Any, ...]
    strides: tuple[Any, ...] = ()
    """() for those of an array without gaps"""


_PurePickler: Any = pickle._Pickler  # the one that is written in Python


class _Pickler(_PurePickler):
    """Writes names without importing them, and tensors as torch does; all of them share one storage."""

    stored = 0

    def save(self, value: Any, save_persistent_id: bool = True) -> None:
        if isinstance(value, Name):
            self.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Numbers):
            strides = value.strides or tuple(math.prod(value.shape[at + 1 :]) for at in range(len(value.shape)))
            self.save(Name("torch._utils", "_rebuild_tensor_v2"))
            self.write(b"(")
            self.save(("storage", Name("torch", "FloatStorage"), "0", "cpu", self.stored))
            self.write(b"Q")
            parts: tuple[Any, ...] = (0, value.shape, strides, False, {})
            for part in parts:
                self.save(part)
            self.write(b"tR")
        else:
            super().save(value, save_persistent_id)


def checkpoint(path: Path, root: Any, n_numbers: int = 20_000) -> Path:
    """What ``torch.save`` would have made of ``root``, with one storage of zeros; of bytes, with them as its pickle."""
    text = io.BytesIO()
    pickler = _Pickler(text, 2)
    pickler.stored = n_numbers
    if isinstance(root, bytes):
        text.write(root)
    else:
        pickler.dump(root)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a/data.pkl", text.getvalue())
        archive.writestr("a/data/0", bytes(4 * n_numbers))
        archive.writestr("a/version", b"3\n")
    return path


def chemprop_root(settings: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A whole small model as chemprop saves it, with these settings of its message passing."""
    passing = {"cls": Name("chemprop.nn.message_passing.base", "BondMessagePassing"), "d_v": 72, "d_e": 14, "d_h": 8}
    shapes = {"W_i.weight": (8, 86), "W_h.weight": (8, 8), "W_o.weight": (8, 80), "W_o.bias": (8,)}
    state = {f"message_passing.{name}": Numbers(shape) for name, shape in shapes.items()}
    heads = {"0.0.weight": (8, 8), "0.0.bias": (8,), "1.2.weight": (1, 8), "1.2.bias": (1,)}
    state |= {f"predictor.ffn.{name}": Numbers(shape) for name, shape in heads.items()}
    hyper = {
        "message_passing": {**passing, **settings},
        "agg": {"cls": Name("chemprop.nn.agg", "MeanAggregation")},
        "predictor": {"cls": Name("chemprop.nn.predictors", "BinaryClassificationFFN"), "n_tasks": 1},
    }
    return {"hyper_parameters": hyper, "state_dict": state, **more}


def laughs(depth: int = 200) -> Any:
    """Two to the power of ``depth`` words, held in as many tuples as ``depth``."""
    value: Any = ("ha", "ha")
    for _ in range(depth):
        value = (value, value)
    return value


def stated_model(path: Path, model: Path, **stated: Any) -> Path:
    """The model with other settings in its header, signed anew."""
    loaded = load(model)
    metadata = describe(loaded.network, loaded.card)
    tensors = {f"{i}.{name}": t for i, m in enumerate(loaded.network.members) for name, t in m.state_dict().items()}
    metadata["members"][0]["config"] |= stated
    path.write_bytes(container.encode(metadata, tensors))
    return path
