"""Which file a name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from molq.errors import InputError
from molq.report.files.hits_csv import hits_csv
from molq.report.files.hits_sdf import hits_sdf
from molq.report.files.hits_xlsx import hits_xlsx
from molq.report.pages.hits import hits_page
from molq.results.hits import Hits

Writer = Callable[[Hits], bytes]
_WRITERS: dict[str, Writer] = {
    ".html": lambda hits: hits_page(hits).encode(),
    ".sdf": hits_sdf,
    ".xlsx": hits_xlsx,
    ".csv": hits_csv,
}


def written_as(path: Path) -> Writer:
    """What makes the bytes of the file. Raises InputError when its name ends otherwise than any."""
    if writer := _WRITERS.get(path.suffix.lower()):
        return writer
    raise InputError(f"{path}: hits are written as {', '.join(_WRITERS)}; `output` must end in one of them")
