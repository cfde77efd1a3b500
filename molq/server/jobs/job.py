"""A file that is screened for a client, as it is told and kept."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["uploading", "waiting", "running", "done", "failed", "cancelled"]
FINAL: tuple[State, ...] = ("done", "failed", "cancelled")


class JobOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a screen, named as ``molq.screen`` names them."""

    tasks: tuple[str, ...] | None = None
    top: int | None = None
    threshold: float | None = None
    lowest: bool = False
    columns: tuple[str, ...] = ()
    smiles_column: str | None = None
    id_column: str | None = None
    format: str | None = None
    strict: bool = False


class ScreenJob(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a job."""

    id: str
    filename: str
    models: tuple[str, ...]
    digests: tuple[str, ...]
    """of the models, by which their files are called"""
    options: JobOptions
    score_columns: tuple[str, ...]
    """of the result"""
    state: State
    created: float
    """seconds since 1970, as are the other times"""
    started: float | None = None
    finished: float | None = None
    upload_bytes: int = 0
    rows_done: int = 0
    rows_total: int | None = None
    scored: int | None = None
    rejected: int | None = None
    rows_per_s: float | None = None
    message: str | None = None
    """why it failed"""
    notes: tuple[str, ...] = ()
    reasons: dict[str, int] = {}
    result_bytes: int | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None where that cannot be said."""
        if self.state != "running" or not self.rows_per_s or self.rows_total is None:
            return None
        return max(0.0, (self.rows_total - self.rows_done) / self.rows_per_s)
