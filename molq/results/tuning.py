"""What quantization-aware training came to."""

from __future__ import annotations

from molq.results.shown import Result


class MemberTuning(Result, frozen=True):
    """What fine-tuning one member came to, on validation molecules; errors are shares of the logits' spread."""

    best_epoch: int
    """0 when the member stayed as it was quantized after training"""
    error_before: float
    error_after: float
    """root mean square difference to the float model's logits, per task in standard deviations of those"""
    metric_before: float | None
    metric_after: float | None
    """mean ROC-AUC or RMSE; None without labels"""


class Tuning(Result, frozen=True):
    """Integers that learnt to imitate the float model, as a card states it under ``qat``."""

    molecules: str
    """name of what they were learnt from"""
    n_train: int
    n_valid: int
    epochs: int
    learning_rate: float
    seed: int
    members: tuple[MemberTuning, ...]

    @property
    def kept_as_it_was(self) -> bool:
        """Whether no member came nearer to its float model."""
        return all(member.best_epoch == 0 for member in self.members)

    @property
    def error_before(self) -> float:
        """Mean over members."""
        return sum(member.error_before for member in self.members) / len(self.members)

    @property
    def error_after(self) -> float:
        """Mean over members."""
        return sum(member.error_after for member in self.members) / len(self.members)
