"""Records of a text library as raw bytes: cut, counted, not yet understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from molq.errors import InputError

MAX_RECORD_BYTES = 16 << 20
_UTF8_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


def raw_records(lines: Iterable[bytes], format: str, name: str) -> Iterator[bytes]:
    """Records of a csv, tsv, smi or sdf source, in order, each with its line end; blank records are left out.

    A quoted field of a csv or tsv record may hold line breaks. A byte order mark at the start is dropped. Raises
    InputError for UTF-16 text and for a quote that never closes.
    """
    lines = _without_bom(lines, name)
    if format == "csv":
        return _csv_records(lines, b',"', name)
    if format == "tsv":
        return _csv_records(lines, b'\t"', name)
    if format == "sdf":
        return _sdf_records(lines, name)
    return _smi_records(lines)


def _without_bom(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    source = iter(lines)
    first = next(source, None)
    if first is None:
        return
    if first[:2] in _WIDE_BOMS:
        raise InputError(f"{name}: UTF-16 text; save it as UTF-8")
    if b"\r" in first.rstrip(b"\r\n"):
        raise InputError(f"{name}: lines end in a bare carriage return; save it with \\n or \\r\\n line ends")
    if first != _UTF8_BOM:
        yield first.removeprefix(_UTF8_BOM)
    yield from source


def _smi_records(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in lines if not line.isspace())


def _csv_records(lines: Iterable[bytes], opening: bytes, name: str) -> Iterator[bytes]:
    pending: list[bytes] = []
    pending_bytes, delimiter = 0, opening[:1]
    for number, line in enumerate(lines, 1):
        if not pending:
            if b'"' not in line:
                if not line.isspace() or delimiter in line:
                    yield line
                continue
            if not _ends_inside_quotes(line, False, opening):
                yield line
                continue
            first_line = number
        elif not _ends_inside_quotes(line, True, opening):
            yield b"".join(pending) + line
            pending, pending_bytes = [], 0
            continue
        pending.append(line)
        pending_bytes += len(line)
        if pending_bytes > MAX_RECORD_BYTES:
            break
    if pending:
        raise InputError(f"{name}: line {first_line} opens a quoted field that is not closed")


def _ends_inside_quotes(line: bytes, inside: bool, opening: bytes) -> bool:
    """Whether a quoted field is open after ``line``, by the csv module's rules; ``opening`` is delimiter and quote."""
    at = 0
    if not inside:
        if line.startswith(b'"'):
            inside, at = True, 1
        else:
            at = line.find(opening)
            if at < 0:
                return False
            inside, at = True, at + 2
    while True:
        at = line.find(b'"', at)
        if at < 0:
            return True
        if line[at + 1 : at + 2] == b'"':
            at += 2
            continue
        at = line.find(opening, at + 1)
        if at < 0:
            return False
        at += 2


def _sdf_records(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    pending: list[bytes] = []
    pending_bytes = 0
    for line in lines:
        pending.append(line)
        pending_bytes += len(line)
        if line.startswith(b"$$$$"):
            yield b"".join(pending)
            pending, pending_bytes = [], 0
        elif pending_bytes > MAX_RECORD_BYTES:
            raise InputError(f"{name}: a record is larger than {MAX_RECORD_BYTES >> 20} MiB; is this an SD file?")
    if pending and not b"".join(pending).isspace():
        yield b"".join(pending)
