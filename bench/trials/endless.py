"""Hangs and bombs: input that asks for more time or memory than there is, and processes that stop."""

from __future__ import annotations

from trials.trial import Trial

TRIALS: list[Trial] = []
