"""Molecules as other programs take them: records of an SD file, images."""

from __future__ import annotations

from collections.abc import Iterator

from molq.chem.pictures.png import png
from molq.chem.pictures.sdf import field_names, sdf_record
from molq.server.pool.questions import Paint, Write
from molq.shortage import is_shortage


def records_of(question: Write, rows: Iterator[int]) -> list[str]:
    """The record of each molecule; of those not among ``rows``, and where RDKit fails, without atoms."""
    records: dict[int, str] = {}
    for row in rows:
        try:
            records[row] = sdf_record(question.smiles[row], question.titles[row], _fields(question.fields, row))
        except Exception as error:
            if is_shortage(error):
                raise
    return [records[row] if row in records else _without_atoms(question, row) for row in range(len(question.smiles))]


def _without_atoms(question: Write, row: int) -> str:
    """A record that says by a field which molecule it stands for."""
    return sdf_record("", question.titles[row], {"smiles": question.smiles[row], **_fields(question.fields, row)})


def images_of(question: Paint, rows: Iterator[int]) -> list[bytes | None]:
    """A PNG image of each molecule; None for those not among ``rows``, and where there is no picture."""
    images: list[bytes | None] = [None] * len(question.smiles)
    for row in rows:
        try:
            images[row] = png(question.smiles[row], size=(question.width, question.height))
        except Exception as error:
            if is_shortage(error):
                raise
    return images


def _fields(fields: dict[str, tuple[str, ...]], row: int) -> dict[str, str]:
    names = field_names(list(fields))
    return {name: cells[row] for name, cells in zip(names, fields.values(), strict=True) if cells[row]}
