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

from molq.engine.dmpnn_plan import DMPNNPlan
from molq.engine.environments import EdgeEnvironments
from molq.nn.config import PredictorConfig

CONFIGS = [config for config in VARIETY if config.architecture == "dmpnn"]
MORE = [replace(CONFIGS[0], undirected=True, depth=4), replace(CONFIGS[0], depth=1)]


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "fp16"])
def test_vectors_are_the_networks(config: PredictorConfig, scheme: str) -> None:
    assert_vectors_are_the_networks(DMPNNPlan, EdgeEnvironments, network(config, scheme))


@pytest.mark.parametrize("config", CONFIGS + MORE, ids=named)
@pytest.mark.parametrize("scheme", ["fp32", "int8"])
def test_bits_do_not_depend_on_what_was_seen(config: PredictorConfig, scheme: str) -> None:
    assert_bits_do_not_depend_on_what_was_seen(DMPNNPlan, EdgeEnvironments, network(config, scheme))


def test_an_environment_is_multiplied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(DMPNNPlan, EdgeEnvironments, network(VARIETY[0]))
    show = rows_computed(run, monkeypatch, lambda run: [*run.plan._steps, run.plan._out])
    levels = run.environments
    assert show(GRAPHS) == levels.edges[0].n + levels.edges[1].n + levels.atoms.n
    assert show(GRAPHS) == 0


def test_what_both_ways_along_a_bond_send_is_multiplied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(DMPNNPlan, EdgeEnvironments, network(MORE[0]))
    show = rows_computed(run, monkeypatch, lambda run: [*run.plan._steps, run.plan._out])
    assert show(GRAPHS) == sum(level.n for level in run.environments.bonds) + run.environments.atoms.n
    assert show(GRAPHS) == 0
