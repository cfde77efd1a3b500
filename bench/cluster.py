"""One library by every way there is: the same bytes, whatever was killed on the way.

500,000 rows of MOSES, one in a hundred of which is no molecule, and two that are poison: one ends the process that
scores it, one holds it up. They are screened by one worker process, by two, in 200 shards, made in random order, some
of them twice, and put together, by Ray with an actor on each of four nodes, and from an object store into it. Nodes and
store are processes of this machine (``ray.cluster_utils.Cluster``, moto's S3 server). Scores, row numbers, rejected
rows with their reasons and the best rows are compared byte for byte.

    python bench/cluster.py                 about fifteen minutes on two cores
    python bench/cluster.py --rows 20000 --shards 20   one minute
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import msgspec
import numpy as np
from numpy.typing import NDArray
from ray_cluster import cluster_of

from molq.chem.packed import PackedGraphs
from molq.data.locate import locate
from molq.face.bundled import model_path
from molq.files import open_file, stream_sha256
from molq.records.shard import Shard
from molq.remote.writing import put
from molq.results.screening import ScreenSummary
from molq.screening.run import Run, execute
from molq.screening.scored import Scorer
from molq.screening.screen import screen_run
from molq.screening.settings import RAY, Manner, Settings
from molq.screening.shards.merge import merge
from molq.screening.workers.job import ModelSource
from molq.screening.workers.model_process import ModelProcess
from molq.screening.workers.processes import WorkerProcesses
from molq.screening.workers.scorer import load_scorer

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from s3_server import s3_server  # type: ignore[import-not-found]

_CRASHES, _HANGS = 92, 94
_POISON = ("CC[U]", "CC[Pu]")
_BAD = ("C(", "c1ccccc", "", "not a molecule", "CN(C)(C)(C)C", "[Xx]", '"C', "C" * 1200)
_TIMEOUT_S = 5.0
_OUTPUTS: dict[str, dict[str, Any]] = {"scores.csv": {}, "scores.parquet": {}, "best.csv": {"top": 1000}}
_TWICE = 0.05
_ROWS = 1_000_000_000
_START_S = 5.0
"""of a shard, until its model is loaded"""
_READ_BYTES, _WRITTEN_BYTES = 46.0, 22.0
"""a row of SMILES and id as text; the same and a score as Parquet"""
_REQUEST_BYTES, _REQUESTS = 8 << 20, 8
"""of a ranged read; others of a shard: looks at the library, two objects written"""
_MERGED_PER_S, _RANKED_PER_S = 820_000, 1_730_000
"""rows, of one core, 200,000 rows in two shards"""
_DIFFERS = "DIFFERS"


class Way(NamedTuple):
    """How the library was screened, and the hash of each output."""

    name: str
    hashes: dict[str, str]
    summary: ScreenSummary
    seconds: float


class PoisonedScorer:
    """The model, to which two elements are fatal."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer, self.columns, self.recipe = scorer, scorer.columns, scorer.recipe

    def scores(self, graphs: PackedGraphs) -> NDArray[np.float32]:
        elements = set((graphs.atoms & np.uint64(0xFF)).tolist())
        if _CRASHES in elements:
            os.kill(os.getpid(), signal.SIGSEGV)
        if _HANGS in elements:
            time.sleep(600)
        return self._scorer.scores(graphs)


def load_poisoned(source: ModelSource, spread: bool) -> PoisonedScorer:
    return PoisonedScorer(load_scorer(source, spread))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--shards", type=int, default=200)
    parser.add_argument("--model", default="bace-dmpnn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paper", type=float, metavar="RATE", help="print what follows from a rate of one core")
    options = parser.parse_args()
    if options.paper:
        print_paper(options.paper)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = write_library(folder / "library.csv", options.rows, options.seed)
        ways = [
            by_run("1 worker process", options.model, library, folder / "one", Manner(workers=1), ["scores.csv"]),
            by_run("2 worker processes", options.model, library, folder / "two", Manner(workers=2), list(_OUTPUTS)[1:]),
            by_shards(options.model, library, folder / "many", options.shards, options.seed),
            by_ray(options.model, library, folder / "ray", 4),
            by_store(options.model, library, "s3://cluster"),
        ]
    summary = ways[0].summary
    print(
        f"{summary.rows:,} rows = {summary.scored:,} scored + {summary.rejected:,} rejected, two of them for"
        f" {', '.join(reason for reason in summary.reasons if 'worker' in reason or 'longer' in reason)}.\n"
    )
    print("| way | scores.csv | scores.parquet | best 1,000 | rows lost | rows twice | s |")
    print("|---|---|---|---|---:|---:|---:|")
    for way in ways:
        same = [_verdict(way, first_of(ways, name), name) for name in _OUTPUTS]
        lost = summary.rows - way.summary.rows
        print(f"| {way.name} | {' | '.join(same)} | {max(lost, 0)} | {max(-lost, 0)} | {way.seconds:.0f} |")
    if any(_verdict(way, first_of(ways, name), name) == _DIFFERS for way in ways for name in way.hashes):
        sys.exit("the ways differ")


def print_paper(mols_per_s: float) -> None:
    """A billion rows, by the rate of one core and what the constants say of the rest."""
    print(
        "| cores | shards | screening | read, MB/s | written, MB/s | requests/s | merge to Parquet | merge, best rows |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for cores in (16, 64, 640):
        waves = max(1, round(_ROWS / mols_per_s / cores / 1200))
        seconds = _ROWS / mols_per_s / cores + waves * _START_S
        requests = _ROWS * _READ_BYTES / _REQUEST_BYTES + cores * waves * _REQUESTS
        cells = [
            f"{cores}",
            f"{cores * waves}",
            f"{seconds / 60:.1f} min",
            f"{_ROWS * _READ_BYTES / seconds / 1e6:.0f}",
            f"{_ROWS * _WRITTEN_BYTES / seconds / 1e6:.0f}",
            f"{requests / seconds:.0f}",
            *(f"{_ROWS / rate / 60:.0f} min" for rate in (_MERGED_PER_S, _RANKED_PER_S)),
        ]
        print(f"| {' | '.join(cells)} |")


def first_of(ways: list[Way], name: str) -> Way:
    """The way by which an output was made first."""
    return next(way for way in ways if name in way.hashes)


def _verdict(way: Way, first: Way, name: str) -> str:
    if name not in way.hashes:
        return ""
    return "first" if way is first else "same bytes" if way.hashes[name] == first.hashes[name] else _DIFFERS


def write_library(path: Path, n_rows: int, seed: int) -> Path:
    """MOSES with ids; every hundredth row is bad, and two are poison."""
    rng = random.Random(seed)
    with gzip.open(locate("moses"), "rt") as file:
        smiles = [line.strip() for line in islice(file, 1, n_rows + 1)]
    for row in range(rng.randrange(100), len(smiles), 100):
        smiles[row] = rng.choice(_BAD)
    for row, text in zip(rng.sample(range(len(smiles)), 2), _POISON, strict=True):
        smiles[row] = text
    quoted = ('"' + text.replace('"', '""') + '"' if '"' in text else text for text in smiles)
    path.write_text("smiles,id\n" + "".join(f"{text},M{row}\n" for row, text in enumerate(quoted)))
    return path


def by_run(name: str, model: str, library: Path | str, folder: Path | str, manner: Manner, names: list[str]) -> Way:
    """The outputs of these names, each by a screen of its own."""
    if isinstance(folder, Path):
        folder.mkdir()
    started = time.perf_counter()
    manner = replace(manner, timeout_per_molecule=_TIMEOUT_S)
    for output in names:
        chosen = _OUTPUTS[output]
        place = f"{folder}/{output}"
        summary = execute(poisoned(screen_run(str(model_path(model)), library, place, Settings(**chosen), manner)))
        print(f"{name}, {output}: {summary.seconds:.1f} s, {summary.mols_per_s:,.0f} mol/s", file=sys.stderr)
        if not chosen:
            counted = summary
    return Way(name, hashes_in(folder, names), counted, time.perf_counter() - started)


def by_ray(model: str, library: Path, folder: Path, n_nodes: int) -> Way:
    """An actor on each of so many nodes of a CPU."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    with cluster_of(n_nodes) as cluster:
        manner = Manner(engine=RAY, address=cluster.address, concurrency=n_nodes)
        return by_run(f"Ray, {n_nodes} actors on {n_nodes} nodes", model, library, folder, manner, list(_OUTPUTS))


def by_store(model: str, library: Path, bucket: str) -> Way:
    """Two worker processes, from an object store into it."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    with s3_server() as endpoint:
        with urlopen(Request(f"{endpoint}/{bucket.partition('://')[2]}", method="PUT"), timeout=30):
            os.environ["AWS_ENDPOINT_URL"] = endpoint
        put(library.read_bytes(), f"{bucket}/library.csv")
        way = "from S3 to S3, 2 worker processes"
        return by_run(way, model, f"{bucket}/library.csv", f"{bucket}/scores", Manner(workers=2), list(_OUTPUTS))


def by_shards(model: str, library: Path, folder: Path, count: int, seed: int) -> Way:
    """The same from shards in random order, some made twice; a model process serves them all."""
    folder.mkdir()
    started, rng = time.perf_counter(), random.Random(seed)
    numbers = [*range(1, count + 1)]
    again = [number for number in numbers if rng.random() < _TWICE]
    rng.shuffle(numbers)
    with model_of(model, library, folder) as process:
        for i, number in enumerate([*numbers, *again]):
            manner = Manner(workers=2, timeout_per_molecule=_TIMEOUT_S, force=i >= count)
            run = poisoned(
                screen_run(str(model_path(model)), library, folder / "shards", Settings(), manner, Shard(number, count))
            )
            summary = execute(replace(run, runner=WorkerProcesses(run.job, 2, _TIMEOUT_S, process)))
            print(f"shard {number}: {summary.seconds:.1f} s, {summary.rows:,} rows", file=sys.stderr)
    for name, chosen in _OUTPUTS.items():
        summary = merge(folder / "shards", folder / name, **chosen)
        print(f"merge {name}: {summary.seconds:.1f} s, {summary.rows / summary.seconds:,.0f} rows/s", file=sys.stderr)
        print(f"{folder.name} {name}: {summary.seconds:.1f} s, {summary.mols_per_s:,.0f} mol/s", file=sys.stderr)
        if not chosen:
            counted = summary
    return Way(f"{count} shards, merged", hashes_in(folder, list(_OUTPUTS)), counted, time.perf_counter() - started)


@contextmanager
def model_of(model: str, library: Path, folder: Path) -> Iterator[ModelProcess]:
    """A process that holds the model and forks the workers of every shard."""
    run = poisoned(screen_run(str(model_path(model)), library, folder / "shards", Settings(), Manner(), Shard(1, 2)))
    run.reader.close()
    process = ModelProcess(run.job)
    process.start()
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.stop()


def poisoned(run: Run) -> Run:
    return replace(run, job=msgspec.structs.replace(run.job, loader="cluster:load_poisoned"))


def hashes_in(folder: Path | str, names: list[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with open_file(f"{folder}/{name}") as file:
            found[name] = stream_sha256(file)
    return found


if __name__ == "__main__":
    main()
