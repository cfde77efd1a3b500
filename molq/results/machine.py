"""The machine that something was measured on."""

from __future__ import annotations

from molq.results.shown import Result


class Machine(Result, frozen=True):
    """Processor, versions, and which paths the matrix products take."""

    versions: dict[str, str]
    platform: str
    """system and architecture"""
    processor: str
    cores: int | None
    instructions: str
    int8_products: str
    bf16_products: str
