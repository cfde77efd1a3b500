"""Molecules as other programs take them: records of an SD file, images."""

from __future__ import annotations

from collections.abc import Iterator

from molq.chem.pictures.png import png
from molq.chem.pictures.sdf import sdf_record
from molq.server.pool.questions import Paint, Write
from molq.shortage import is_shortage


def records_of(question: Write, rows: Iterator[int]) -> list[str | None]:
    """The record of each molecule; None for those not among ``rows``, and where RDKit fails."""
    records: list[str | None] = [None] * len(question.smiles)
    for row in rows:
        try:
            records[row] = sdf_record(question.smiles[row], question.titles[row], _fields(question.fields, row))
        except Exception as error:
            if is_shortage(error):
                raise
    return records


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
    return {name: cells[row] for name, cells in fields.items() if cells[row]}
