from __future__ import annotations

import msgspec
import numpy as np
import pytest
from fake_runs import fake_run
from fake_scorers import DescriptorScorer

from molq.errors import InputError
from molq.screening.workers.chunk_work import ChunkWorker, load_worker


@pytest.fixture
def run(model, library, tmp_path):
    """The first 20 rows of the library, row 7 of which is no molecule, as a run with one chunk."""
    library.write_text("".join(library.read_text().splitlines(keepends=True)[:21]))
    return fake_run(model, library, tmp_path / "out.csv", tasks=["second"], columns=["price"])


def lines_of(result) -> list[list[str]]:
    return [line.split(",") for line in result.body.decode().splitlines()]


def test_rows_that_are_skipped_are_rejected_unseen_and_counted(run):
    (chunk,) = run.reader.chunks(100, 100)
    worker = ChunkWorker(run.job, DescriptorScorer())
    result = worker.run(chunk, {3: "it hangs"})
    assert (result.n_rows, result.scored) == (20, 18)
    assert result.reasons["it hangs"] == 1
    assert sum(result.reasons.values()) == 2
    assert lines_of(result)[3][2:] == ["1.5", "", "it hangs"]
    assert set(result.seconds) == {"parse", "pack", "score", "write"}


def test_blocks_are_announced_in_turn_and_change_nothing(run):
    (chunk,) = run.reader.chunks(100, 100)
    worker = ChunkWorker(run.job, DescriptorScorer())
    announced = []
    blocks = [(10, 20), (0, 4), (4, 10)]
    result = worker.run(chunk, {}, (), blocks, announced.append)
    assert announced == [*blocks, None]
    assert result.body == worker.run(chunk, {}).body


def test_the_chosen_task_is_scored_as_among_all(run):
    (chunk,) = run.reader.chunks(100, 100)
    one = lines_of(ChunkWorker(run.job, DescriptorScorer()).run(chunk, {}))
    job = msgspec.structs.replace(run.job, tasks=None)
    both = lines_of(ChunkWorker(job, DescriptorScorer()).run(chunk, {}))
    assert [[*line[:3], *line[4:]] for line in both] == one


def test_a_chosen_task_that_the_model_lacks(run):
    run.reader.close()
    job = msgspec.structs.replace(run.job, tasks=("third",))
    with pytest.raises(InputError, match="no task 'third'; its tasks: first, second"):
        ChunkWorker(job, DescriptorScorer())


def test_a_loader_that_is_not_there(run):
    run.reader.close()
    for loader in ("nowhere:load", "fake_scorers:nothing", ""):
        with pytest.raises((InputError, ValueError), match=r"no loader|Empty module name"):
            load_worker(msgspec.structs.replace(run.job, loader=loader))


def test_a_worker_of_a_library_build_has_no_model(run):
    run.reader.close()
    worker = load_worker(msgspec.structs.replace(run.job, models=(), tasks=None))
    assert worker.columns == ()


def test_warming_up_takes_molecules_all_the_way(run):
    run.reader.close()
    seen = []

    class Seen(DescriptorScorer):
        def scores(self, graphs):
            seen.append(graphs.n_mols)
            return super().scores(graphs).astype(np.float32)

    ChunkWorker(run.job, Seen()).warm_up()
    assert seen == [3]
