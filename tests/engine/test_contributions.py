"""What atoms add: it makes up the output, and is the integral of the slope along the way from no atoms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from heads import HEADS, head_of
from molecules import DRUGS
from msgspec.structs import replace
from variety import VARIETY, named, network

from molq.chem.featurize import featurize
from molq.chem.packed import empty_graphs, slice_graphs, take
from molq.chem.recipe import Recipe
from molq.engine.contributions import Parts
from molq.engine.engine import Engine
from molq.errors import InputError, UnsupportedError
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import Ensemble, Network
from molq.nn.graph import to_tensors
from molq.nn.outputs import Outputs
from molq.nn.predictor import Predictor

GRAPHS = featurize(DRUGS).graphs
SUMS = [config for config in VARIETY if config.architecture != "attentivefp"]
ROUNDING = {"fp32": 1e-5, "fp16": 1e-5, "bf16": 0.02, "int8-dynamic": 0.1, "int8": 0.1, "w4a8": 0.1}
"""the most that rounding may come to, in spans of the outputs"""


def known(parts: Parts) -> np.ndarray:
    """All but the rounding."""
    features = 0 if parts.features is None else parts.features
    return parts.nothing + np.add.reduceat(parts.atoms, parts.atom_ptr[:-1]) + features


def scores_of(network: Network, output: np.ndarray) -> np.ndarray:
    return output if network.kind == "regression" else 1 / (1 + np.exp(-output))


@pytest.mark.parametrize("scheme", ROUNDING)
@pytest.mark.parametrize("config", SUMS, ids=named)
def test_atoms_add_up_to_the_executed_output(config: PredictorConfig, scheme: str) -> None:
    made = network(config, scheme)
    engine = Engine(made)
    scores = engine.scores(GRAPHS)
    for place, column in enumerate(engine.columns):
        parts = engine.contributions(GRAPHS, column.name)
        np.testing.assert_allclose(scores_of(made, parts.output), scores[:, place], rtol=2e-6, atol=2e-6)
        np.testing.assert_allclose(known(parts) + parts.rounding, parts.output, rtol=0, atol=1e-9)
        if scheme == "fp32":
            by_environment = np.add.reduceat(parts.environments, parts.atom_ptr[:-1])
            np.testing.assert_allclose(np.add.reduceat(parts.atoms, parts.atom_ptr[:-1]), by_environment, atol=2e-5)
        assert np.abs(parts.rounding).max() < ROUNDING[scheme] * max(np.ptp(parts.output), 0.1)


def integrated(predictor: Predictor, task: int, steps: int = 400) -> np.ndarray:
    """Integrated gradients of a task by each atom's state, by the midpoint rule in float64."""
    double = Predictor(predictor.config).eval()
    double.load_state_dict(predictor.state_dict())
    double.double()
    graph = to_tensors(GRAPHS, double.feature_set)
    graph = graph._replace(x=graph.x.double(), bond_attr=graph.bond_attr.double())
    with torch.no_grad():
        h = double.encoder(graph)
        z = double.readout(h, graph.batch, graph.n_mols)
    slopes = torch.zeros_like(z)
    for at in (torch.arange(steps) + 0.5) / steps:
        point = (at.double() * z).requires_grad_()
        whole = point if double.bn is None else double.bn(point)
        slopes += torch.autograd.grad(double.head(whole)[:, task].sum(), point)[0] / steps
    n_atoms = torch.bincount(graph.batch).double()
    share = {"sum": torch.ones_like(n_atoms), "mean": 1 / n_atoms}.get(
        double.config.readout, torch.full_like(n_atoms, 1 / double.config.readout_norm)
    )
    found = (h * (slopes * share[:, None])[graph.batch]).sum(1).numpy()
    return found * (double.output_scale[task].item() if double.kind == "regression" else 1)


@pytest.mark.parametrize(
    ("readout", "activation", "batch_norm"),
    [("sum", "relu", False), ("mean", "silu", True), ("norm", "leakyrelu", False), ("norm", "relu", True)],
)
def test_they_are_the_integral_of_the_slope_from_no_atoms_to_all(
    readout: str, activation: str, batch_norm: bool
) -> None:
    config = replace(VARIETY[2], readout=readout, head_hidden=(24,), head_activation=activation, batch_norm=batch_norm)
    made = network(config)
    parts = Engine(made).contributions(GRAPHS, "b")
    expected = integrated(made, task=1)
    np.testing.assert_allclose(parts.environments, expected, atol=2e-3 * np.abs(expected).max())


def test_without_hidden_layers_they_are_exact_products() -> None:
    made = network(replace(VARIETY[1], readout="sum"))
    graph = to_tensors(GRAPHS, made.feature_set)
    with torch.no_grad():
        expected = (made.encoder(graph) @ made.head.layers[0].weight[0]).numpy()
    found = Engine(made).contributions(GRAPHS, "a")
    np.testing.assert_allclose(found.environments, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
@pytest.mark.parametrize("config", SUMS[:8:3], ids=named)
def test_a_part_never_depends_on_batch_mates(config: PredictorConfig, scheme: str) -> None:
    engine = Engine(network(config, scheme))
    together = engine.contributions(GRAPHS, "a")
    order = np.random.default_rng(0).permutation(GRAPHS.n_mols)
    mixed = engine.contributions(take(GRAPHS, order), "a")
    for at, molecule in enumerate(order):
        alone = Engine(network(config, scheme)).contributions(slice_graphs(GRAPHS, molecule, molecule + 1), "a")
        for parts, k in ((mixed, at), (together, molecule)):
            at = slice(parts.atom_ptr[k], parts.atom_ptr[k + 1])
            np.testing.assert_allclose(parts.environments[at], alone.environments, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(parts.atoms[at], alone.atoms, rtol=1e-4, atol=1e-6)
            assert parts.output[k] == alone.output[0]


def test_atoms_of_the_same_environment_add_the_same() -> None:
    parts = Engine(network(VARIETY[0])).contributions(featurize(["CCO.CCO", "c1ccccc1"]).graphs, "a")
    np.testing.assert_allclose(parts.atoms[:3], parts.atoms[3:6], rtol=1e-4)
    np.testing.assert_allclose(parts.atoms[6:], parts.atoms[6], rtol=1e-4)
    np.testing.assert_allclose(parts.environments[:3], parts.environments[3:6], rtol=1e-12)


@pytest.mark.parametrize("outputs", HEADS, ids=str)
def test_every_head_and_its_ensembles_add_up(outputs: Outputs) -> None:
    members = [head_of(outputs, seed) for seed in range(3)]
    for made in (members[0], Ensemble(members)):
        engine = Engine(made)
        scores = engine.scores(GRAPHS)
        for place, column in enumerate(engine.columns):
            if column.is_prediction:
                parts = engine.contributions(GRAPHS, column.name)
                np.testing.assert_allclose(scores_of(made, parts.output), scores[:, place], rtol=2e-6, atol=2e-6)
                assert np.abs(parts.rounding).max() < 1e-5
            else:
                with pytest.raises(InputError, match=f"ask for {column.task}"):
                    engine.contributions(GRAPHS, column.name)


def test_large_logits_of_an_ensemble_add_up() -> None:
    members = [head_of(Outputs("classification")) for _ in range(3)]
    for times, member in enumerate(members):
        with torch.no_grad():
            member.head.layers[-1].weight.mul_(4000 + 1000 * times)
    parts = Engine(Ensemble(members)).contributions(GRAPHS, "logS")
    assert np.abs(parts.output).max() > 20
    assert np.abs(parts.rounding).max() < 1e-3 * np.abs(parts.output).max()


@pytest.mark.parametrize("head_hidden", [(), (24,), (24, 16)])
def test_molecule_features_have_a_part_of_their_own(head_hidden: tuple[int, ...]) -> None:
    recipe = Recipe(molecule_features=("charge", "v1_rdkit_2d_normalized"))
    made = network(replace(VARIETY[0], recipe=recipe, extras=201, head_hidden=head_hidden))
    graphs = featurize(DRUGS, recipe=recipe).graphs
    engine = Engine(made)
    parts = engine.contributions(graphs, "a")
    assert parts.features is not None
    assert np.ptp(parts.features) > 0
    assert np.abs(parts.rounding).max() < 1e-5
    mean = np.broadcast_to(made.scaler.mean.numpy(), graphs.extras.shape).astype(np.float32)
    np.testing.assert_allclose(engine.contributions(graphs._replace(extras=mean), "a").features, 0, atol=1e-6)


def test_an_overflow_is_no_part() -> None:
    made = head_of(Outputs("regression"))
    with torch.no_grad():
        made.head.layers[-1].weight.fill_(3e38)
        made.head.layers[-2].bias.fill_(10)
    assert not np.isfinite(Engine(made).contributions(GRAPHS, "logS").rounding).any()


def test_what_has_no_parts_is_refused() -> None:
    engine = Engine(network(VARIETY[0]))
    with pytest.raises(InputError, match="no score 'c'; it predicts a, b"):
        engine.contributions(GRAPHS, "c")
    with pytest.raises(UnsupportedError, match="AttentiveFP"):
        Engine(network(next(c for c in VARIETY if c.architecture == "attentivefp"))).contributions(GRAPHS, "a")


def test_no_molecules_have_no_parts() -> None:
    parts = Engine(network(VARIETY[0])).contributions(empty_graphs(), "a")
    assert len(parts.atoms) == len(parts.output) == 0


def test_scores_are_the_same_after_contributions() -> None:
    engine = Engine(network(VARIETY[0], "int8"))
    before = engine.scores(GRAPHS)
    engine.contributions(GRAPHS, "a")
    assert np.array_equal(engine.scores(GRAPHS), before)
