"""The learning rate of every step."""

from __future__ import annotations

from molq.training.config import TrainConfig


def learning_rate(step: int, steps_per_epoch: int, config: TrainConfig) -> float:
    """Rate of optimizer step ``step`` (from 0): linear warm-up, then exponential decay to the end of the last epoch.

    Source: chemprop 2.3, after Vaswani et al. (2017), section 5.3. Fewer epochs than the warm-up only warm up.
    """
    warmup = config.warmup_epochs * steps_per_epoch
    if step < warmup:
        return config.init_lr + (config.max_lr - config.init_lr) * step / warmup
    decay = config.epochs * steps_per_epoch - warmup
    if step >= warmup + decay:
        return config.final_lr
    return float(config.max_lr * (config.final_lr / config.max_lr) ** ((step - warmup) / decay))
