"""Molecules as PNG images for the cells of a workbook."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from molq.server.pool.questions import Paint, Painted
from molq.server.pool.waiting import BATCH_ROWS
from molq.server.service import Service
from molq.server.workbook import IMAGE_PIXELS, SHARPNESS


async def images_of(smiles: Sequence[str], service: Service, *, background: bool = False) -> list[bytes | None]:
    """One for each molecule, None where one cannot be drawn. In the background only while nobody waits for scores."""
    width, height = (side * SHARPNESS for side in IMAGE_PIXELS)
    asked = [
        Paint(smiles=tuple(smiles[start : start + BATCH_ROWS]), width=width, height=height)
        for start in range(0, len(smiles), BATCH_ROWS)
    ]
    painted = await asyncio.gather(*(service.ask(question, Painted, background=background) for question in asked))
    return [image for part in painted for image in part.images]
