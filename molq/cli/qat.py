"""Quantization-aware training as commands show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molq.quant.scheme import Scheme
    from molq.store.card import Card
    from molq.store.molqfile import Loaded
    from molq.workflows.precision.quantized import QuantizedModel


def integer_scheme(name: str) -> Scheme:
    """The scheme of that name. Raises InputError when there is none, or it has no integers to fine-tune."""
    from molq.errors import InputError
    from molq.quant.scheme import get_scheme

    scheme = get_scheme(name)
    if not scheme.weights.startswith("int"):
        raise InputError(f"{name} has no integer weights to fine-tune; choose a scheme such as w4a8")
    return scheme


def imitate(
    loaded: Loaded,
    made: QuantizedModel,
    data: str | None,
    smiles_column: str | None,
    epochs: int,
    learning_rate: float,
    seed: int,
) -> QuantizedModel:
    """``made`` after ``epochs`` of imitating the fp32 model it was quantized from, on the molecules of ``data``."""
    from molq.cli.progress import shown
    from molq.errors import InputError
    from molq.workflows.tuning.fine_tune import fine_tune, tuning_molecules, tuning_settings

    if data is None:
        raise InputError("--qat-epochs needs --data, the molecules to learn from")
    settings = tuning_settings(epochs, seed, learning_rate)
    molecules = tuning_molecules(data, loaded, seed, smiles_column)
    with shown("quantization-aware training") as progress:
        return fine_tune(loaded, made, molecules, settings, progress.step).made


def qat_record(card: Card) -> dict[str, Any]:
    """What a card says of quantization-aware training."""
    record: dict[str, Any] = (card.provenance or {})["qat"]
    return record


def qat_summary(card: Card) -> str:
    """A line on what it brought."""
    record = qat_record(card)
    members = record["members"]
    before, after = ([member[key] for member in members] for key in ("error_before", "error_after"))
    where = f"on {record['n_valid']:,} validation molecules of {record['molecules']}"
    if all(member["best_epoch"] == 0 for member in members):
        return f"qat: no epoch came nearer to the fp32 model {where}; kept as quantized after training"
    best = ", ".join(str(member["best_epoch"]) for member in members)
    mean_before, mean_after = sum(before) / len(before), sum(after) / len(after)
    return (
        f"qat: error of the logits {mean_before:.4f} → {mean_after:.4f} of their spread {where}; "
        f"best epoch {best} of {record['epochs']}"
    )
