"""An SD file looked at before it is read: which data fields there are, and which of them is wanted."""

from __future__ import annotations

from molq.errors import InputError
from molq.records.choice import Sample, Wanted, choose_id
from molq.records.encoding import text_of
from molq.records.input.source import Source
from molq.records.input.stream import ByteStream
from molq.records.layout import Layout
from molq.records.names import has_name, id_rank, listed
from molq.records.text.look import Look
from molq.records.text.sdf import SdfRecord, read_sdf_record, sdf_spans

_LOOK_BYTES = 8 << 20
_LOOK_RECORDS = 2000
_FIRST_BYTES = 1 << 18
_ID_FIELDS = 1000
"""fields that may be the id by their name and are looked at"""
_SHOWN = 60


def look_at_sdf(stream: ByteStream, source: Source, wanted: Wanted) -> Look:
    """The layout of an SD file: the mol block is the molecule, the title its id, unless a data field is named for it.

    Raises InputError when it is empty, or when none of its first records has a field that is wanted.
    """
    records = _first_records(stream, source)
    names = list(dict.fromkeys(name for record in records for name in record.data))
    smiles_name = wanted.smiles_column
    if smiles_name is not None:
        smiles_name = None if _is_block(smiles_name, names) else _field(names, smiles_name, source, "smiles_column")
    id_name = _id_field(records, names, wanted, source)
    kept = tuple(_field(names, name, source, "columns") for name in wanted.columns)
    layout = Layout(
        source.name,
        "sdf",
        smiles_name=smiles_name,
        id_name=id_name,
        column_names=kept,
        names=("smiles", "title", *names),
    )
    notes = (
        [f"{source.name}: titles are empty; data field {id_name!r} is the id"]
        if id_name and not wanted.id_column
        else []
    )
    return Look(layout, 0, notes, records[0].title[:_SHOWN])


def _first_records(stream: ByteStream, source: Source) -> list[SdfRecord]:
    n_bytes = _FIRST_BYTES
    while True:
        data = stream.peek(n_bytes)
        final = len(data) < n_bytes
        spans = sdf_spans(data, final)
        if final or n_bytes >= _LOOK_BYTES or len(spans.starts) >= _LOOK_RECORDS:
            break
        n_bytes *= 4
    if not data.strip():
        raise InputError(f"{source.name}: the file is empty")
    places = list(zip(spans.starts[:_LOOK_RECORDS], spans.stops[:_LOOK_RECORDS], strict=True))
    return [read_sdf_record(text_of(data[a:b])) for a, b in places] or [read_sdf_record(text_of(data))]


def _id_field(records: list[SdfRecord], names: list[str], wanted: Wanted, source: Source) -> str | None:
    if wanted.id_column is not None:
        is_title = wanted.id_column.strip().lower() == "title" and not has_name(names, wanted.id_column)
        return None if is_title else _field(names, wanted.id_column, source, "id_column")
    if 2 * sum(bool(record.title) for record in records) >= len(records):
        return None
    names = [name for name in names if id_rank(name) is not None][:_ID_FIELDS]
    rows = [[record.data.get(name, "") for name in names] for record in records]
    at = choose_id(Sample(rows, lambda texts: [False] * len(texts)), names, -1, Wanted(), source.name, 0)
    return None if at is None or not any(row[at] for row in rows) else names[at]


def _is_block(name: str, names: list[str]) -> bool:
    return name.strip().lower() in ("smiles", "mol", "molblock") and not has_name(names, name)


def _field(names: list[str], wanted: str, source: Source, parameter: str) -> str:
    """The data field ``wanted`` as the file spells it."""
    if wanted in names:
        return wanted
    for name in names:
        if name.lower() == wanted.strip().lower():
            return name
    raise InputError(
        f"{source.name}: no column {wanted!r} among the data fields of its first records; `{parameter}` takes one of"
        f" {listed(names) or 'none'}"
    )
