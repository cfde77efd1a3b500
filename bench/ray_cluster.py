"""A screen with Ray beside one with the built-in workers: rate, price of a chunk, and what is lost with what is killed.

Everything is compared byte for byte with the file that one worker process writes: MOSES, one row in a hundred of which
is no molecule. Nodes are raylets of this machine (``ray.cluster_utils.Cluster``) of one CPU each, so that actors
beyond its cores share them. CPU time is that of the driver, of Ray and of all they started, per row beyond the first
10,000; "price" is what a chunk of 512 rows takes more of it than with built-in workers. A rate beside other work says
little: Linux shares cores between sessions, and each actor's worker has one of its own. Nodes and actors are killed
(SIGKILL) at random moments while the screen runs, and nodes put back; the driver is killed, its output resumed.

    python bench/ray_cluster.py                               2,000,000 rows for the rate: half an hour
    python bench/ray_cluster.py --rows 20000 --faulty-rows 50000   six minutes
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from process_tree import tree

from molq.chem.table import read_table
from molq.data.locate import locate
from molq.screening.settings import CHUNK_ROWS

_BAD = ("C(", "c1ccccc", "not a molecule", "CN(C)(C)(C)C")
_NODE_CPUS = 1
_FEW_ROWS = 10_000
_WATCH_S = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=2, help="of either engine in turn; the best of each counts")
    parser.add_argument("--node-rows", type=int, default=200_000, help="for 1, 2 and 4 nodes")
    parser.add_argument("--faulty-rows", type=int, default=500_000)
    parser.add_argument("--model", default="bace-dmpnn")
    parser.add_argument("--only", nargs="*", choices=["rate", "nodes", "faults"], default=["rate", "nodes", "faults"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "rate" in options.only:
            rate(folder, options)
        if "nodes" in options.only:
            nodes(folder, options)
        if "faults" in options.only:
            faults(folder, options)


def rate(folder: Path, options: argparse.Namespace) -> None:
    """Either engine on all cores, in turn."""
    library = write_library(folder / "rate.csv", options.rows)
    some = write_library(folder / "few.csv", _FEW_ROWS)
    best: dict[str, dict[str, Any]] = {}
    cpu: dict[str, float] = {}
    for _ in range(options.rounds):
        for engine in ("workers", "ray"):
            few = screened(options.model, some, folder / "few-scores.csv", "--engine", engine)
            found = screened(options.model, library, folder / f"{engine}.csv", "--engine", engine)
            cpu[engine] = min(cpu.get(engine, float("inf")), us_per_row(found, few))
            if engine not in best or found["mols_per_s"] > best[engine]["mols_per_s"]:
                best[engine] = found
    print(f"| {options.rows:,} rows | actors or workers | mol/s after start-up | start-up, s | CPU µs a row | bytes |")
    print("|---|---:|---:|---:|---:|---|")
    same = same_bytes(folder / "workers.csv", folder / "ray.csv")
    for engine, found in best.items():
        print(
            f"| {engine} | {found['workers']} | {found['mols_per_s']:,.0f} | {found['startup_seconds']:.1f} |"
            f" {cpu[engine]:.1f} | {same} |"
        )
    share = best["ray"]["mols_per_s"] / best["workers"]["mols_per_s"]
    print(
        f"\nRay reaches {share:.2f} of the rate of built-in workers; by CPU time it would be"
        f" {cpu['workers'] / cpu['ray']:.2f}.\n",
        flush=True,
    )


def nodes(folder: Path, options: argparse.Namespace) -> None:
    """One actor on each of 1, 2 and 4 nodes, beside as many built-in workers."""
    library = write_library(folder / "nodes.csv", options.node_rows)
    some = write_library(folder / "few.csv", _FEW_ROWS)
    print(f"| {options.node_rows:,} rows | CPU µs a row, workers | Ray | price of a chunk, ms | bytes |")
    print("|---|---:|---:|---:|---|")
    for n_nodes in (1, 2, 4):
        given: tuple[str, ...] = ("--workers", str(n_nodes))
        few = screened(options.model, some, folder / "few-scores.csv", *given)
        own = us_per_row(screened(options.model, library, folder / "own.csv", *given), few)
        with cluster_of(n_nodes) as cluster:
            given = ("--engine", "ray", "--address", cluster.address, "--concurrency", str(n_nodes))
            few = screened(options.model, some, folder / "few-scores.csv", *given)
            ray = us_per_row(screened(options.model, library, folder / "ray.csv", *given), few)
        same = same_bytes(folder / "own.csv", folder / "ray.csv")
        price = (ray - own) * CHUNK_ROWS / 1e3
        print(f"| {n_nodes} node{'s' * (n_nodes > 1)} | {own:.1f} | {ray:.1f} | {price:.1f} | {same} |", flush=True)
    print()


def faults(folder: Path, options: argparse.Namespace) -> None:
    """Nodes, actors and drivers killed while a library is screened."""
    library = write_library(folder / "faults.csv", options.faulty_rows)
    screened(options.model, library, folder / "expected.csv", "--workers", "1")
    print(f"| {options.faulty_rows:,} rows | killed | sessions | lost and replaced | rows lost | twice | bytes |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for what, times, kill in (("nodes", 10, kill_node), ("actors", 20, kill_actor), ("the driver", 3, None)):
        with cluster_of(2) as cluster:
            killed, sessions, replaced = disturbed(options.model, library, folder / "out.csv", cluster, kill, times)
        lost, twice = against(folder / "expected.csv", folder / "out.csv")
        same = same_bytes(folder / "expected.csv", folder / "out.csv")
        print(f"| {what} | {killed} | {sessions} | {replaced} | {lost} | {twice} | {same} |", flush=True)
        (folder / "out.csv").unlink()


def disturbed(
    model: str, library: Path, output: Path, cluster: Any, kill: Callable[[Any, random.Random], bool] | None, times: int
) -> tuple[int, int, int]:
    """Kills that struck, sessions it took, and workers that were lost; screened again until all have struck."""
    chance, killed, sessions, replaced = random.Random(times), 0, 0, 0
    while True:
        given = ["--engine", "ray", "--address", cluster.address, "--concurrency", "2", "--shard-rows", "8192"]
        resume = ["--resume"] if output.with_name(output.name + ".molq-run").exists() else ["--force"]
        line = command(model, library, output, *given, *resume)
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        sessions += 1
        ended = threading.Event()
        while killed < times and process.poll() is None:
            ended.wait(chance.uniform(2.0, 8.0))
            if not actors() or process.poll() is not None:
                continue
            if kill is None:
                process.kill()
                killed += 1
            elif kill(cluster, chance):
                killed += 1
        said, _ = process.communicate()
        if process.returncode == 0:
            replaced += json.loads(said)["replaced_workers"]
            if killed >= times:
                return killed, sessions, replaced
        elif process.returncode != -signal.SIGKILL:
            raise SystemExit(f"the screen ended with {process.returncode}")


def kill_node(cluster: Any, chance: random.Random) -> bool:
    node = chance.choice(sorted(cluster.worker_nodes, key=lambda node: str(node.unique_id)))
    cluster.remove_node(node, allow_graceful=False)
    cluster.add_node(num_cpus=_NODE_CPUS, wait=False)
    return True


def kill_actor(cluster: Any, chance: random.Random) -> bool:
    alive = actors()
    try:
        os.kill(chance.choice(alive), signal.SIGKILL)
    except (IndexError, ProcessLookupError):
        return False
    return True


def actors() -> list[int]:
    """Processes of actors on the nodes that this process has started."""
    found = []
    for pid in tree(os.getpid()):
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::ScoringActor"):
                found.append(pid)
        except OSError:
            continue
    return sorted(found)


@contextmanager
def cluster_of(n_nodes: int) -> Iterator[Any]:
    """A head without CPUs, and so many nodes of one."""
    from ray.cluster_utils import Cluster

    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(n_nodes):
            cluster.add_node(num_cpus=_NODE_CPUS)
        cluster.wait_for_nodes()
        yield cluster
    finally:
        cluster.shutdown()


def write_library(path: Path, n_rows: int) -> Path:
    """MOSES, from its start again when it ends, with a bad row in every hundred."""
    smiles = cycle(read_table(locate("moses")).read_smiles)
    with path.open("w") as file:
        file.write("smiles,id\n")
        for row, text in enumerate(islice(smiles, n_rows)):
            file.write(f"{_BAD[row // 100 % len(_BAD)] if row % 100 == 57 else text},M{row}\n")
    return path


def command(model: str, library: Path, output: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "molq", "screen", model, str(library), "-o", str(output), "--json", *options]


def screened(model: str, library: Path, output: Path, *options: str) -> dict[str, Any]:
    """The summary of a whole command, and ``cpu_seconds`` of it, of Ray and of everything that either started."""
    line = command(model, library, output, "--force", *options)
    before, latest, ended = cpu_seconds(), dict[int, float](), threading.Event()

    def watch() -> None:
        while not ended.wait(_WATCH_S):
            latest.update(cpu_seconds())

    watcher = threading.Thread(target=watch)
    watcher.start()
    found = subprocess.run(line, capture_output=True, text=True)
    ended.set()
    watcher.join()
    if found.returncode:
        raise SystemExit(found.stderr)
    spent = sum(seconds - before.get(pid, 0.0) for pid, seconds in latest.items() if pid != os.getpid())
    summary: dict[str, Any] = {**json.loads(found.stdout), "cpu_seconds": spent}
    return summary


def cpu_seconds() -> dict[int, float]:
    """Of every process below this one."""
    found = {}
    for pid in tree(os.getpid()):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def us_per_row(many: dict[str, Any], few: dict[str, Any]) -> float:
    """CPU time of a row, what is spent before the first aside."""
    return float(many["cpu_seconds"] - few["cpu_seconds"]) / (many["rows"] - few["rows"]) * 1e6


def same_bytes(one: Path, other: Path) -> str:
    return "same" if filecmp.cmp(one, other, shallow=False) else "DIFFER"


def against(expected: Path, found: Path) -> tuple[int, int]:
    """Rows of the expected file that are not in the other, and rows that are there twice, by their ids."""
    ids = [[line.split(",")[1] for line in path.read_text().splitlines()[1:]] for path in (expected, found)]
    return len(set(ids[0]) - set(ids[1])), len(ids[1]) - len(set(ids[1]))


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
