"""Tracebacks and noise where one line belongs."""

from __future__ import annotations

from trials.trial import Trial

TRIALS: list[Trial] = []
