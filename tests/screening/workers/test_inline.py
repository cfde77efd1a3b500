from __future__ import annotations

import pytest
from fake_runs import fake_run, screen
from fake_scorers import BrokenScorer, DescriptorScorer

from molq.columns import columns_of
from molq.errors import InputError
from molq.screening.workers.inline import InlineRunner


class Heavy(DescriptorScorer):
    """Raises on molecules of more than 20 atoms."""

    def scores(self, graphs):
        if (graphs.atom_ptr[1:] - graphs.atom_ptr[:-1] > 20).any():
            raise ValueError("too heavy for me")
        return super().scores(graphs)


def test_rows_that_raise_are_rejected_and_no_others(model, library, tmp_path):
    run = fake_run(model, library, tmp_path / "out.csv")
    runner = InlineRunner(run.job, Heavy())
    runner.start()
    assert runner.wait_until_ready() == columns_of(("first", "second"))
    results = list(runner.run(run.reader.chunks(100, 1000)))
    reasons = {reason for result in results for reason in result.reasons}
    n_heavy = sum(result.reasons.get("failed with ValueError: too heavy for me", 0) for result in results)
    assert 0 < n_heavy < 1500
    assert len(reasons) == 2
    assert sum(result.scored for result in results) + n_heavy + 15 == 1500
    runner.stop()


def test_a_scorer_that_fails_on_everything_is_at_fault_itself(model, library, tmp_path):
    run = fake_run(model, library, tmp_path / "out.csv")
    runner = InlineRunner(run.job, BrokenScorer())
    runner.start()
    with pytest.raises(RuntimeError, match="the model is broken"):
        next(runner.run(run.reader.chunks(100, 1000)))
    run.reader.close()


def test_without_a_scorer_the_models_of_the_job_are_loaded(model, library, tmp_path):
    summary = screen(model, library, tmp_path / "out.csv", workers=0)
    assert (summary.workers, summary.replaced_workers, summary.scored) == (0, 0, 1485)
    with pytest.raises(InputError, match="two models have a task"):
        screen([model, model], library, tmp_path / "b.csv", workers=0)
