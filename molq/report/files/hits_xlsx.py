"""Hits as an Excel workbook: a row for each, its structure drawn in a cell, and a sheet that says how it was made."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from molq.chem.pictures.png import png
from molq.errors import InputError
from molq.report.numbers import has_plain_size
from molq.report.text.hit_columns import Cell, HitColumn, hit_columns
from molq.report.text.hits import answer, belief_answer
from molq.results.hits import Hits
from molq.visible import one_line

MAX_ROWS = 1_048_575
"""of a sheet, below its header"""
MAX_PICTURES = 10_000
_PIXELS = (150, 100)
_SHARPNESS = 2
"""pixels of a picture for one of the screen"""
_MAX_CHARACTERS = 32_767
"""of a cell"""
_FORMATS = {
    "rank": "#,##0",
    "row": "0",
    "cluster": "0",
    "cluster_size": "0",
    "similarity": "0.00",
    "unseen_environments": "0%",
    "other_rank": "#,##0",
    "rank_among_considered": "#,##0",
    "mol_weight": "0.0",
    "logp": "0.00",
    "tpsa": "0.0",
    "fraction_sp3": "0.00",
}
_COUNTS = (
    "heavy_atoms",
    "h_donors",
    "h_acceptors",
    "rotatable_bonds",
    "rings",
    "aromatic_rings",
    "formal_charge",
    "hetero_atoms",
)
_SCORE, _SCIENTIFIC = "0.0000", "0.000E+00"
_WIDTHS = {"smiles": 40, "alerts": 36, "id": 16, "nearest": 30}
_WIDTH = 12


def hits_xlsx(hits: Hits) -> bytes:
    """The workbook; the same hits give the same bytes. Text stays text, whatever it begins with.

    Raises InputError for more hits than a sheet has rows.
    """
    import xlsxwriter  # late: no other output needs it

    if len(hits.hits) > MAX_ROWS:
        raise InputError(
            f"{len(hits.hits):,} hits are more than the {MAX_ROWS:,} rows of a sheet; choose fewer by `top`"
        )
    file = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"in_memory": True, **texts}) as workbook:
        workbook.set_properties({"title": f"Hits by {one_line(hits.task)}", "created": datetime(1980, 1, 1)})
        _write_hits(workbook, hits)
        _write_facts(workbook, hits)
    return file.getvalue()


def _write_hits(workbook: Any, hits: Hits) -> None:
    sheet = workbook.add_worksheet("hits")
    columns = hit_columns(hits)
    head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "vcenter"})
    formats = {kind: workbook.add_format({"num_format": kind, "valign": "vcenter"}) for kind in _kinds(columns)}
    sheet.freeze_panes(1, 2)
    sheet.write_string(0, 0, "structure", head)
    sheet.set_column_pixels(0, 0, _PIXELS[0] + 6)
    for at, column in enumerate(columns, 1):
        sheet.write_string(0, at, _text(column.name), head)
        sheet.set_column(at, at, _WIDTHS.get(column.name, _WIDTH))
        for row, cell in enumerate(column.cells, 1):
            _write_cell(sheet, row, at, cell, wrapped, formats[_kind(column)])
    if hits.hits:
        sheet.autofilter(0, 1, len(hits.hits), len(columns))
    _draw(sheet, hits)


def _draw(sheet: Any, hits: Hits) -> None:
    """The structures, their atoms coloured by what they add to the score, where that is known."""
    shown = hits.hits[:MAX_PICTURES]
    parts = [abs(part) for hit in shown if hit.contributions for part in hit.contributions.atoms]
    limit = max(parts, default=0.0) or None
    size = (_PIXELS[0] * _SHARPNESS, _PIXELS[1] * _SHARPNESS)
    for row, hit in enumerate(shown, 1):
        values = hit.contributions.atoms if hit.contributions and limit else None
        picture = png(hit.smiles, size=size, values=values, limit=limit if values else None)
        if picture is None:
            continue
        sheet.set_row_pixels(row, _PIXELS[1] + 4)
        place = {"x_offset": 3, "y_offset": 2, "x_scale": 1 / _SHARPNESS, "y_scale": 1 / _SHARPNESS}
        about = {"description": _text(hit.smiles)[:250], "object_position": 1}
        sheet.insert_image(row, 0, f"{row}.png", {"image_data": io.BytesIO(picture), **place, **about})


def _write_cell(sheet: Any, row: int, at: int, cell: Cell, wrapped: Any, number: Any) -> None:
    if isinstance(cell, str):
        if cell:
            sheet.write_string(row, at, _text(cell), wrapped)
    elif cell is not None:
        sheet.write_number(row, at, cell, number)


def _write_facts(workbook: Any, hits: Hits) -> None:
    sheet = workbook.add_worksheet("how it was made")
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    for row, (what, said) in enumerate(_facts(hits)):
        sheet.write_string(row, 0, _text(what), wrapped)
        sheet.write_string(row, 1, _text(said), wrapped)


def _facts(hits: Hits) -> Iterator[tuple[str, str]]:
    yield "answer", answer(hits)
    if believed := belief_answer(hits):
        yield "can scores be believed", believed
    yield "scores", f"{hits.source}: {hits.rows:,} rows with a score"
    yield from ((name, value) for name, value in (("model", hits.model), ("compared with", hits.against)) if value)
    if hits.filters:
        yield "alerts looked for", ", ".join(hits.filters)
    if hits.conditions:
        yield "conditions", ", ".join(hits.conditions)
    if any(hit.contributions for hit in hits.hits):
        yield "colours of atoms", "orange discs raise the score, blue rings lower it, the same scale in all pictures"
    if len(hits.hits) > MAX_PICTURES:
        yield "structures", f"drawn for the first {MAX_PICTURES:,} rows"
    yield from (("not listed", f"{count:,} {reason}") for reason, count in hits.left_out.items())
    yield from (("without a score", f"{count:,} {reason}") for reason, count in hits.unscored.items())
    yield from (("note", note) for note in hits.notes)


def _kinds(columns: list[HitColumn]) -> set[str]:
    return {_kind(column) for column in columns}


def _kind(column: HitColumn) -> str:
    if column.name in _COUNTS:
        return "0"
    largest = max((abs(cell) for cell in column.cells if isinstance(cell, int | float)), default=0.0)
    return _FORMATS.get(column.name, _SCORE if has_plain_size(largest) else _SCIENTIFIC)


def _text(text: str) -> str:
    seen = one_line(text)
    return seen if len(seen) <= _MAX_CHARACTERS else seen[: _MAX_CHARACTERS - 1] + "…"
