from __future__ import annotations

import numpy as np
import pytest
import torch
from heard import Heard

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.errors import InputError
from molq.workflows.compare import speed

GRAPHS = featurize(["C" * n for n in range(1, 31)]).graphs


class Counting:
    """Notes which molecules it was given, by their number of atoms, and on how many threads."""

    made: list[Counting] = []  # noqa: RUF012

    def __init__(self, model: str) -> None:
        self.model, self.seen, self.threads = model, [], set()
        Counting.made.append(self)

    def scores(self, graphs) -> None:
        self.seen += np.diff(graphs.atom_ptr).tolist()
        self.threads.add(torch.get_num_threads())
        np.sort(np.random.default_rng(0).random(20_000))


@pytest.fixture
def counting(monkeypatch):
    monkeypatch.setattr(speed, "Engine", Counting)
    Counting.made = []
    return Counting.made


def test_every_engine_meets_every_molecule_once_on_one_thread(counting):
    before = torch.get_num_threads()
    heard = Heard()
    found = speed.throughputs({"a": "A", "b": "B"}, GRAPHS, rounds=4, progress=heard)
    assert [engine.model for engine in counting] == ["A", "B"]
    assert all(engine.seen == list(range(1, 31)) and engine.threads == {1} for engine in counting)
    assert torch.get_num_threads() == before
    assert heard.steps[""] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found["a"].speedup == 1.0
    assert found["b"].speedup_low <= found["b"].speedup <= found["b"].speedup_high


def test_fewer_molecules_than_rounds_still_give_a_time(counting):
    speed.throughputs({"a": "A"}, slice_graphs(GRAPHS, 0, 3), rounds=9)
    assert counting[0].seen == [1, 2, 3]
    with pytest.raises(InputError, match="at least 2 molecules"):
        speed.throughputs({"a": "A"}, slice_graphs(GRAPHS, 0, 1))


def test_the_speedup_is_the_ratio_of_the_speeds_beside_it_and_lies_within_single_rounds():
    rng = np.random.default_rng(0)
    seconds, sizes = rng.uniform(0.5, 2.0, (9, 4)), rng.integers(400, 600, 9)
    rows = speed.summarise(seconds, sizes)
    assert rows[:, 1] == pytest.approx(rows[:, 0] / rows[0, 0])
    assert (rows[:, 2] <= rows[:, 1] + 1e-12).all()
    assert (rows[:, 1] <= rows[:, 3] + 1e-12).all()


def test_a_round_that_something_else_disturbed_counts_for_no_model():
    seconds = np.full((8, 2), [1.0, 0.5])
    seconds[2] = [9.0, 0.5]
    seconds[5] = [1.0, 30.0]
    rows = speed.summarise(seconds, np.full(8, 100))
    assert rows.tolist() == [[100.0, 1.0, 1.0, 1.0], [200.0, 2.0, 2.0, 2.0]]


def test_a_drift_of_the_clock_hits_all_alike():
    drift = np.array([1.0, 4.0, 2.0])[:, None]
    rows = speed.summarise(drift * [1.0, 0.5], np.array([100, 100, 100]))
    assert rows[:, 1:].tolist() == [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
