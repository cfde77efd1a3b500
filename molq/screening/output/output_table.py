"""The columns of the output, and CSV's quoting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from molq.screening.workers.job import Job


def output_names(job: Job, tasks: Sequence[str]) -> list[str]:
    """Columns of the output: (row,) SMILES, (id,) kept columns, tasks(, rejected)."""
    selecting = job.selection.active
    text = ["smiles"] * job.has_smiles + ["id"] * job.has_id
    taken = {*text, *tasks, "row", "rejected"}
    text += [f"input_{name}" if name in taken else name for name in job.columns]
    return [*(["row"] if selecting else []), *text, *tasks, *([] if selecting else ["rejected"])]


def csv_header(names: Sequence[str]) -> bytes:
    return csv_line(names)


def csv_line(cells: Sequence[str]) -> bytes:
    return (",".join(quoted(cell) for cell in cells) + "\n").encode("utf-8", "backslashreplace")


def arrow_schema(job: Job, tasks: Sequence[str]) -> Any:
    """Arrow schema of the output: text columns, float32 scores, the reason of a rejection."""
    import pyarrow as pa

    kinds = {"row": pa.int64()} | {task: pa.float32() for task in tasks}
    return pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in output_names(job, tasks)])


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if is_special(text) else text


def is_special(text: str) -> bool:
    return "," in text or '"' in text or "\n" in text or "\r" in text
