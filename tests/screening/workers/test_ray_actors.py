from __future__ import annotations

import csv
import os
import signal
import time
from pathlib import Path

import pytest
import ray_cluster
from fake_runs import OnStep, screen

from molq import __version__
from molq.errors import InputError, WorkersError
from molq.screening.workers import ray_actors

pytestmark = pytest.mark.usefixtures("two_cpus")


def test_lost_actors_and_poison_molecules_cost_what_is_theirs(model, smiles, tmp_path, monkeypatch):
    monkeypatch.setattr(ray_actors, "_CHUNKS_PER_CALL", 1)
    molecules = list(smiles[:600])
    molecules[3], molecules[41], molecules[70] = "[U]", "[Th]", "[Pu]"
    library = tmp_path / "poisoned.smi"
    library.write_text("".join(f"{text}\n" for text in molecules))
    killed: list[int] = []

    def kill_once(done: int) -> None:
        if done >= 200 and not killed and (actors := ray_cluster.actors()):
            killed.append(actors[0])
            os.kill(actors[0], signal.SIGKILL)

    found = {}
    for engine in ("workers", "ray"):
        out = tmp_path / f"{engine}.csv"
        summary = screen(model, library, out, loader="load_poison", engine=engine, timeout_per_molecule=0.5,
            chunk_rows=20, progress=OnStep(kill_once),
        )  # fmt: skip
        assert (summary.rows, summary.rejected) == (600, 3)
        assert summary.replaced_workers >= 3 + len(killed)
        found[engine] = out.read_bytes()
    assert len(killed) == 1
    assert found["workers"] == found["ray"]
    with (tmp_path / "ray.csv").open(newline="") as file:
        reasons = [row["rejected"] for row in csv.DictReader(file)]
    assert reasons[3] == "a worker was killed by SIGSEGV on this molecule"
    assert reasons[70] == "took longer than 0.5 s"


def test_an_interrupted_run_goes_on_to_the_same_files(model, library, tmp_path):
    """The best rows by each of two predictions, begun with Ray and ended without."""
    expected, out = tmp_path / "expected" / "best.csv", tmp_path / "ray" / "best.csv"
    expected.parent.mkdir()
    out.parent.mkdir()
    options = {"top": 7, "chunk_rows": 20, "shard_rows": 200}
    screen(model, library, expected, workers=1, **options)

    def interrupt(done: int) -> None:
        if done >= 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(model, library, out, engine="ray", concurrency=1, progress=OnStep(interrupt), **options)
    summary = screen(model, library, out, workers=1, resume=True, **options)
    assert summary.resumed_rows == 400
    assert same_files(expected.parent, out.parent) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [("all.csv", {"columns": ["price"]}), ("all.parquet", {}), ("best.csv", {"top": 7, "tasks": ["second"]}),
     ("some.parquet", {"threshold": 0.6}), ("all.csv.gz", {"concurrency": 1})],
)  # fmt: skip
def test_outputs_are_the_same_to_the_byte(model, library, tmp_path, name, options):
    for engine in ("workers", "ray"):
        (tmp_path / engine).mkdir()
        chosen = {key: value for key, value in options.items() if key != "concurrency" or engine == "ray"}
        summary = screen(model, library, tmp_path / engine / name, engine=engine, chunk_rows=30, **chosen)
        assert (summary.rows, summary.rejected, summary.replaced_workers) == (1500, 15, 0)
    assert same_files(tmp_path / "workers", tmp_path / "ray") == 1


def same_files(one: Path, other: Path) -> int:
    """How many files there are in both folders, which hold the same ones."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    return len(names)


@pytest.mark.slow
def test_killed_actors_lose_nothing(model, library, fake_screen, tmp_path, monkeypatch):
    monkeypatch.setattr(ray_actors, "_CHUNKS_PER_CALL", 1)
    fake_screen(library, tmp_path / "expected.csv", workers=1)
    killed: list[int] = []

    def kill_now_and_then(done: int) -> None:
        if done >= 300 * (1 + len(killed)) and len(killed) < 3:
            victim = ray_cluster.actors()[0]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    summary = screen(model, library, tmp_path / "out.csv", loader="load_slow", engine="ray", chunk_rows=50,
        progress=OnStep(kill_now_and_then),
    )  # fmt: skip
    assert len(killed) == 3
    assert (summary.rows, summary.replaced_workers) == (1500, 3)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.slow
def test_errors_of_the_model_are_those_of_every_screen(model, library, tmp_path):
    with pytest.raises(InputError, match=r"no task called|has no task"):
        screen(model, library, tmp_path / "out.csv", engine="ray", tasks=["absent"])
    with pytest.raises(RuntimeError, match="the model is broken"):
        screen(model, library, tmp_path / "out.csv", loader="load_broken", engine="ray")
    assert not list(tmp_path.glob("out.csv*"))


@pytest.mark.slow
def test_actors_that_never_live_are_an_error(model, library, tmp_path, monkeypatch):
    def die(self: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    class Doomed(ray_actors.ScoringActor):
        load = die

    Doomed.__module__ = "__main__"  # so that the class travels, not its name
    monkeypatch.setattr(ray_actors, "ScoringActor", Doomed)
    with pytest.raises(WorkersError, match="5 actors in a row were lost without a result"):
        screen(model, library, tmp_path / "out.csv", engine="ray", concurrency=1)


def test_where_there_is_no_room_it_says_so(model, library, tmp_path, monkeypatch):
    import ray

    monkeypatch.setattr(ray_actors, "_PLACE_SECONDS", 0.5)

    @ray.remote(num_cpus=2)
    class Greedy:
        def here(self) -> None: ...

    greedy = Greedy.remote()
    ray.get(greedy.here.remote())
    try:
        with pytest.raises(WorkersError, match=r"no actor was ready within 0.5 s: 0 of the cluster's 2 CPUs are free"):
            screen(model, library, tmp_path / "out.csv", engine="ray")
    finally:
        ray.kill(greedy)


def test_actors_whose_nodes_are_gone_for_good_are_not_waited_for_without_end(model, library, tmp_path, monkeypatch):
    """An actor that asks for more CPUs than there are stands for one that no node has room for any more."""

    def staff_in_vain(actors: ray_actors.RayActors) -> None:
        while len(actors._actors) < actors.n_workers:
            handle = actors._kind.options(num_cpus=99).remote(__version__, actors._shared_job, actors._timeout)
            actors._actors.append(ray_actors._Actor(handle, handle.load.remote()))

    def end_all(done: int) -> None:
        if done >= 400 and ray_actors._PLACE_SECONDS > 1:
            monkeypatch.setattr(ray_actors, "_PLACE_SECONDS", 0.5)
            monkeypatch.setattr(ray_actors.RayActors, "_staff", staff_in_vain)
            for actor in ray_cluster.actors():
                os.kill(actor, signal.SIGKILL)

    monkeypatch.setattr(ray_actors, "_CHUNKS_PER_CALL", 1)
    out, options = tmp_path / "out.csv", {"chunk_rows": 20, "shard_rows": 200}
    with pytest.raises(WorkersError, match=r"no actor was ready within 0.5 s: .*continue with `resume`"):
        screen(model, library, out, engine="ray", progress=OnStep(end_all), **options)
    assert screen(model, library, out, workers=1, resume=True, **options).resumed_rows >= 400


@pytest.mark.slow
def test_no_actor_is_left_behind(model, library, tmp_path):
    screen(model, library, tmp_path / "out.csv", engine="ray")
    deadline = time.monotonic() + 5
    while ray_cluster.actors() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not ray_cluster.actors()
