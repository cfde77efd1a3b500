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

from molq.engine.ampnn_plan import AMPNNPlan
from molq.engine.environments import AtomEnvironments
from molq.nn.config import PredictorConfig

CONFIGS = [config for config in VARIETY if config.architecture == "ampnn"]
MORE = [replace(CONFIGS[0], depth=1), replace(CONFIGS[1], depth=4, readout="attentive", batch_norm=True)]


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "fp16"])
def test_vectors_are_the_networks(config: PredictorConfig, scheme: str) -> None:
    assert_vectors_are_the_networks(AMPNNPlan, AtomEnvironments, network(config, scheme))


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "int8"])
def test_bits_do_not_depend_on_what_was_seen(config: PredictorConfig, scheme: str) -> None:
    assert_bits_do_not_depend_on_what_was_seen(AMPNNPlan, AtomEnvironments, network(config, scheme))


def test_an_environment_is_multiplied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(AMPNNPlan, AtomEnvironments, network(CONFIGS[0]))
    show = rows_computed(run, monkeypatch, lambda run: [*run.plan._steps, run.plan._out])
    *inner, _, last = run.environments.levels
    assert show(GRAPHS) == sum(level.n for level in inner) + last.n
    assert show(GRAPHS) == 0
