"""What quantization-aware training brought, as a line of text."""

from __future__ import annotations

from molq.results.tuning import Tuning


def tuning_text(tuning: Tuning) -> str:
    """Errors before and after, and the best epoch of each member."""
    where = f"on {tuning.n_valid:,} validation molecules of {tuning.molecules}"
    if tuning.kept_as_it_was:
        return f"qat: no epoch came nearer to the fp32 model {where}; kept as quantized after training"
    best = ", ".join(str(member.best_epoch) for member in tuning.members)
    return (
        f"qat: error of the logits {tuning.error_before:.4f} → {tuning.error_after:.4f} of their spread {where}; "
        f"best epoch {best} of {tuning.epochs}"
    )
