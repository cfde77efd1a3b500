from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

from molq.training.config import TrainConfig
from molq.training.schedule import learning_rate


def _chemprop_schedulers():
    """chemprop's module of schedules alone, for the package itself takes seconds to import."""
    found = importlib.util.find_spec("chemprop")
    if found is None:
        pytest.skip("chemprop is not installed")
    path = Path(found.submodule_search_locations[0]) / "schedulers.py"
    spec = importlib.util.spec_from_file_location("chemprop_schedulers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("warmup_epochs", [1, 2, 5])
def test_every_rate_is_chemprops(warmup_epochs):
    config = TrainConfig(epochs=7, warmup_epochs=warmup_epochs, init_lr=2e-4, max_lr=3e-3, final_lr=5e-5)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=config.init_lr)
    theirs = _chemprop_schedulers().build_NoamLike_LRSched(
        optimizer, warmup_epochs * 11, (7 - warmup_epochs) * 11, config.init_lr, config.max_lr, config.final_lr
    )
    for step in range(7 * 11 + 3):
        assert learning_rate(step, 11, config) == pytest.approx(theirs.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        theirs.step()


def test_fewer_epochs_than_the_warmup_only_warm_up():
    config = TrainConfig(epochs=1, warmup_epochs=2)
    rates = [learning_rate(step, 10, config) for step in range(10)]
    assert rates == sorted(rates)
    assert rates[0] == config.init_lr
    assert rates[-1] < config.max_lr
    assert learning_rate(0, 10, TrainConfig(epochs=1, warmup_epochs=0)) == config.max_lr
