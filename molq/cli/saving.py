"""What a long command has made, saved where it was asked for, or beside it where something else appeared meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from molq.errors import OutputError
from molq.files import free_name


def saved(save: Callable[..., Any], output: Path, *, force: bool) -> None:
    """Calls ``save(output, force=force)``, which refuses to overwrite anything without ``force``.

    Whether it may be written was asked before the work began. Raises OutputError when it cannot be: where something has
    the name now, what was made is in a file beside, which the message names.
    """
    try:
        save(output, force=force)
    except OutputError as error:
        if force or not output.exists():
            raise
        beside = free_name(output)
        save(beside, force=False)
        raise OutputError(
            f"{output} appeared meanwhile and is not overwritten; what this command made is in {beside}"
        ) from error
