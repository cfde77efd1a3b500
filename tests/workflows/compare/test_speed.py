from __future__ import annotations

import numpy as np
import pytest
import torch

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
    steps: list[tuple[int, int | None]] = []
    found = speed.throughputs({"a": "A", "b": "B"}, GRAPHS, rounds=4, progress=lambda d, t: steps.append((d, t)))
    assert [engine.model for engine in counting] == ["A", "B"]
    assert all(engine.seen == list(range(1, 31)) and engine.threads == {1} for engine in counting)
    assert torch.get_num_threads() == before
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found["a"].speedup == 1.0
    assert found["b"].speedup_low <= found["b"].speedup <= found["b"].speedup_high


def test_fewer_molecules_than_rounds_still_give_a_time(counting):
    speed.throughputs({"a": "A"}, slice_graphs(GRAPHS, 0, 3), rounds=9)
    assert counting[0].seen == [1, 2, 3]
    with pytest.raises(InputError, match="at least 2 molecules"):
        speed.throughputs({"a": "A"}, slice_graphs(GRAPHS, 0, 1))


def test_ratios_are_taken_within_rounds_so_a_drift_of_the_clock_cancels():
    seconds = np.array([[1.0, 0.5], [4.0, 2.0], [2.0, 1.0]])
    rows = speed.summarise(seconds, np.array([100, 100, 100]))
    assert rows[1].tolist() == [100.0, 2.0, 2.0, 2.0]
    assert rows[0].tolist() == [50.0, 1.0, 1.0, 1.0]
