"""How much one client may ask for, and how long it may take over it."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What lies beyond is refused with a status and words that say so."""

    rows: int = 10_000
    """molecules of one request; more are a job"""
    body_bytes: int = 32 << 20
    """of a request that is no upload"""
    upload_bytes: int = 4 << 30
    data_bytes: int = 20 << 30
    """that uploads and results take together; the oldest finished jobs go first"""
    pictures: int = 200
    """molecules drawn at once"""
    name_characters: int = 200
    """of the name of a file"""
    header_bytes: int = 32 << 10
    header_seconds: float = 10.0
    """from the first byte of a request to the last of its headers"""
    idle_seconds: float = 20.0
    """between two pieces of a body"""
    bytes_per_s: int = 2_000
    """of a body, on the average, after the first ``idle_seconds``"""
    connections: int = 1024
