"""What a source is: text, SD file, or one of the tables that are no text. Content decides, the name is heard."""

from __future__ import annotations

import re

from molq.errors import InputError
from molq.records.input.source import READ, Source
from molq.records.input.stream import ByteStream

COUNTS_LINE = re.compile(rb"[ \d]{6}[^\r\n]*V[23]000[ \t]*[\r\n]*\Z")
"""the fourth line of a mol block"""
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_HEAD_BYTES = 4096
_TAR_MARK = slice(257, 262)
_BINARY = {
    b"PAR1": "parquet",
    b"ARROW1": "feather",
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xlsx",
}
_UNREAD = {
    b"%PDF": "a PDF document; copy its table into a CSV file",
    b"FEA1": "Feather of version 1; write it again with pyarrow.feather.write_feather",
    b"\x89HDF": "an HDF5 file; export its table as CSV or Parquet",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x04\x22\x4d\x18": "lz4 data; unpack it first (lz4 -dc FILE | molq ... -)",
    b"ORC": "an ORC file; write it as Parquet",
    b"SQLite format 3": "a database; export its table as CSV",
}
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype html|html|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*"|\[\s*[\{\[]\s*["\{])')


def kind_of(stream: ByteStream, source: Source) -> str:
    """text, sdf, parquet, feather or xlsx. Raises InputError for what is none of them and says what to do instead."""
    head = stream.peek(_HEAD_BYTES)
    for magic, kind in _BINARY.items():
        if head.startswith(magic):
            return kind
    for magic, advice in _UNREAD.items():
        if head.startswith(magic):
            raise InputError(f"{source.name}: {advice}")
    if head[_TAR_MARK] == b"ustar":
        raise InputError(f"{source.name}: a tar archive of files; unpack it (tar -xf) and name the folder")
    told = source.format or source.promised
    if told in ("parquet", "feather", "xlsx"):
        label = {"parquet": "Parquet", "feather": "Feather", "xlsx": "Excel"}[told]
        raise InputError(f"{source.name}: not a readable {label} file: it does not begin as one")
    stream.decode_text()
    head = stream.peek(_HEAD_BYTES)
    if told == "sdf":
        return "sdf"
    if source.format is None and _begins_with_a_mol_block(head):
        return "sdf"
    if source.format is None:
        _refuse_other_text(head, source)
    return "text"


def _begins_with_a_mol_block(head: bytes) -> bool:
    """Whether the fourth line is the counts line of a mol block, and the first no header of a table."""
    lines = _LINE.findall(head, 0, 2048)[:4]
    return len(lines) == 4 and bool(COUNTS_LINE.match(lines[3])) and b'"' not in lines[0]


def _refuse_other_text(head: bytes, source: Source) -> None:
    if _WEB_PAGE.match(head):
        raise InputError(f"{source.name}: a web page or XML, not a table; is it what the download was to give?")
    if _JSON.match(head):
        raise InputError(f"{source.name}: JSON is not read; write the molecules as CSV or Parquet ({READ} are read)")
    n_odd = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\r\v\f\x1a\x1b")
    if n_odd * 10 > len(head):
        raise InputError(f"{source.name}: not text, and of no kind that is read ({READ})")
