import numpy as np
import pytest

from molq.calibset.build import build
from molq.calibset.spec import CalibrationSpec
from molq.chem.featurize import featurize
from molq.data.labels import load_dataset
from molq.quant.scheme import get_scheme
from molq.workflows.validity.profile import Profiler
from molq.workflows.validity.strategy import LEAST_GAIN, ActivationStrategy, cover


@pytest.fixture(scope="module")
def pool():
    return load_dataset("bace").smiles[::5]


def _plainly(reach, size):
    """The greedy choice with every gain computed every time."""
    chosen, rounds = [], 0
    least = LEAST_GAIN * reach.max(axis=0).sum()
    height = np.zeros(reach.shape[1], int)
    while len(chosen) < min(size, len(reach)):
        gains = np.maximum(reach.astype(int) - height, 0).sum(axis=1)
        gains[chosen] = -1
        best = int(gains.argmax())
        if rounds == 0 or (gains[best] <= least and height.any()):
            rounds, height = rounds + 1, np.zeros(reach.shape[1], int)
            if rounds > 1:
                continue
        chosen.append(best)
        height = np.maximum(height, reach[best])
    return chosen, rounds


@pytest.mark.parametrize("seed", range(4))
def test_lazy_greedy_is_greedy(seed):
    reach = (np.random.default_rng(seed).random((60, 15)) ** 4 * 256).astype(np.uint8)
    chosen, n_rounds = cover(reach, 40)
    assert (chosen.tolist(), n_rounds) == _plainly(reach, 40)
    assert n_rounds > 1


def test_rows_that_reach_nothing_are_still_taken():
    chosen, _ = cover(np.zeros((3, 4), np.uint8), 3)
    assert sorted(chosen) == [0, 1, 2]
    assert len(cover(np.zeros((3, 4), np.uint8), 9)[0]) == 3


def test_the_set_is_a_set_of_the_pool_whatever_its_order(pool, model):
    spec = CalibrationSpec("activation", 30, 3)
    plain = build(["bad(", *pool], spec, strategy=ActivationStrategy(model.network))
    turned = build(pool[::-1], spec, strategy=ActivationStrategy(model.network))
    assert len(set(plain.smiles)) == 30
    assert plain.smiles == turned.smiles
    assert [pool[::-1][row] for row in turned.rows] == turned.smiles


def test_it_reaches_higher_than_random_sets_but_not_beyond_the_library(pool, model):
    profiler = Profiler(model.network, get_scheme("int8"))
    found = build(pool, CalibrationSpec("activation", 30), strategy=ActivationStrategy(model.network))
    whole, ours = (profiler.together(featurize(smiles).graphs) for smiles in (pool, found.smiles))
    randoms = [
        profiler.together(featurize(build(pool, CalibrationSpec("random", 30, seed)).smiles).graphs)
        for seed in range(3)
    ]
    assert ours.excited.sum() >= max(draw.excited.sum() for draw in randoms)
    assert ours.high.sum() > np.mean([draw.high.sum() for draw in randoms])
    assert (ours.high <= whole.high * 1.0001).all()
    assert found.coverage["channels_covered"] > 0.75 * found.coverage["channels"]


def test_molecules_beyond_the_library_come_last(pool, model):
    small = ["C" * n + "O" for n in range(1, 25)]
    found = build(pool, CalibrationSpec("activation", 10), small, strategy=ActivationStrategy(model.network))
    profiler = Profiler(model.network, get_scheme("int8"))
    limits = profiler.together(featurize(small).graphs).high
    n_beyond = int(found.coverage["molecules_beyond_library"])
    excess = [
        (profiler.together(featurize([smiles]).graphs).high / np.maximum(limits, 1e-9)).max() for smiles in found.smiles
    ]
    assert all(x <= 1.0001 for x in excess[: 10 - n_beyond])
    assert excess[10 - n_beyond :] == sorted(excess[10 - n_beyond :])
