from __future__ import annotations

import pytest
from msgspec.structs import replace
from plans import (
    GRAPHS,
    Run,
    assert_bits_do_not_depend_on_what_was_seen,
    assert_vectors_are_the_networks,
    rows_computed,
)
from variety import VARIETY, named, network

from molq.engine.environments import AtomEnvironments
from molq.engine.gine_plan import GINEPlan
from molq.nn.config import PredictorConfig

CONFIGS = [config for config in VARIETY if config.architecture == "gine"]
MORE = [replace(CONFIGS[0], depth=1, activation="prelu"), replace(CONFIGS[1], batch_norm=True, readout="attentive")]


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "fp16"])
def test_vectors_are_the_networks(config: PredictorConfig, scheme: str) -> None:
    assert_vectors_are_the_networks(GINEPlan, AtomEnvironments, network(config, scheme))


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "int8"])
def test_bits_do_not_depend_on_what_was_seen(config: PredictorConfig, scheme: str) -> None:
    assert_bits_do_not_depend_on_what_was_seen(GINEPlan, AtomEnvironments, network(config, scheme))


def test_an_environment_is_multiplied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(GINEPlan, AtomEnvironments, network(CONFIGS[0]))
    show = rows_computed(run, monkeypatch, lambda run: [layer.mlp_in for layer in run.plan._layers])
    assert show(GRAPHS) == sum(level.n for level in run.environments.levels[1:])
    assert show(GRAPHS) == 0
