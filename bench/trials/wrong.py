"""Silently wrong: scores, rows or verdicts that look right and are not."""

from __future__ import annotations

from trials.trial import Trial

TRIALS: list[Trial] = []
