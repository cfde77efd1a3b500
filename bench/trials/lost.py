"""Lost files: outputs that overwrite each other, an input, or what a user had there."""

from __future__ import annotations

from trials.trial import Trial

TRIALS: list[Trial] = []
