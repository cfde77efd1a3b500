"""How the time and memory of molq screen grow: with the rows, the workers, the width of the model, the ensemble.

Each line is one whole molq screen on MOSES (rows are repeated from the start beyond its 1.58 million), int8. Models of
other widths and ensembles are untrained: their arithmetic is that of trained ones. The last lines state how far from a
straight line through the origin the time after start-up is, and whether memory is flat.

    python bench/scaling.py                                  10^4 to 10^6.3 rows: about half an hour
    python bench/scaling.py --sizes 2000 8000 --model-rows 1000   two minutes
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from process_tree import run

FIGURE = Path(__file__).resolve().parents[1] / "docs" / "img" / "scaling.svg"


class Line(NamedTuple):
    """One screening. ``seconds`` without start-up; memory is the peak over all processes."""

    what: str
    rows: int
    workers: int
    seconds: float
    startup_s: float
    rss_mb: float
    pss_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000, 200_000, 500_000, 2_000_000])
    parser.add_argument("--widths", type=int, nargs="+", default=[300, 600, 1200, 2048])
    parser.add_argument("--members", type=int, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--model-rows", type=int, default=20_000, help="rows for widths and ensembles")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--figure", type=Path, default=FIGURE)
    options = parser.parse_args()
    print("| | rows | workers | s after start-up | mol/s | start-up, s | peak RSS, MB | peak PSS, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = write_model(folder / "width-300.molq", 300, 1)
        by_rows = [
            screened("by rows", model, folder, rows, workers)
            for workers in sorted({1, options.workers})
            for rows in options.sizes
        ]
        for width in options.widths:
            other = write_model(folder / f"width-{width}.molq", width, 1)
            screened(f"width {width}", other, folder, options.model_rows, options.workers)
        for members in options.members:
            other = write_model(folder / f"members-{members}.molq", 300, members)
            screened(f"{members} members", other, folder, options.model_rows, options.workers)
    print()
    for workers in sorted({1, options.workers}):
        print_growth([line for line in by_rows if line.workers == workers])
    draw(by_rows, options.figure)


def screened(what: str, model: Path, folder: Path, rows: int, workers: int) -> Line:
    library, out = folder / "library.smi", folder / "out.csv"
    write_library(library, rows)
    command = [sys.executable, "-m", "molq.cli.main", "screen", model, library, "-o", out, "--json", "--force",
               "--workers", workers]  # fmt: skip
    done = run(list(map(str, command)))
    if done.returncode:
        raise RuntimeError(done.stderr)
    summary = json.loads(done.stdout)
    seconds = summary["seconds"] - summary["startup_seconds"]
    line = Line(what, rows, workers, seconds, summary["startup_seconds"], done.peak_rss_mb, done.peak_pss_mb)
    print(
        f"| {what} | {rows:,} | {workers} | {seconds:.1f} | {rows / seconds:,.0f} | {line.startup_s:.1f} "
        f"| {line.rss_mb:,.0f} | {line.pss_mb:,.0f} |",
        flush=True,
    )
    return line


def print_growth(lines: list[Line]) -> None:
    """The slope in log-log over the sizes (1 is linear), and the memory of the largest run over that of the middle."""
    if len(lines) < 2:
        return
    slope = np.polyfit(np.log([line.rows for line in lines]), np.log([line.seconds for line in lines]), 1)[0]
    large, reference = lines[-1], min(lines, key=lambda line: abs(line.rows - lines[-1].rows / 10))
    memory = large.pss_mb / reference.pss_mb
    print(
        f"- workers {lines[0].workers}: time grows as rows^{slope:.3f}; memory of {large.rows:,} rows is {memory:.2f} "
        f"of that of {reference.rows:,}"
    )


def draw(lines: list[Line], path: Path) -> None:
    """Seconds against rows on logarithmic axes, one curve a number of workers, and a straight line beside them."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.5, 4))
    for workers in sorted({line.workers for line in lines}):
        some = [line for line in lines if line.workers == workers]
        axes.loglog([s.rows for s in some], [s.seconds for s in some], "o-", label=f"workers: {workers}")
    first = lines[-1]
    ends = np.array([min(line.rows for line in lines), max(line.rows for line in lines)])
    axes.loglog(ends, first.seconds / first.rows * ends, ":", color="grey", label="linear")
    axes.set_xlabel("molecules")
    axes.set_ylabel("seconds after start-up")
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight")


def write_library(path: Path, rows: int) -> None:
    from molq.chem.table import read_table
    from molq.data.locate import locate

    def moses() -> list[str]:
        return read_table(locate("moses")).read_smiles[:rows]

    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{smiles} M{i}\n" for i, smiles in enumerate(islice(cycle(moses()), rows)))


def write_model(path: Path, width: int, members: int) -> Path:
    """An untrained int8 model, or an ensemble of such."""
    import torch

    from molq.chem.featurize import featurize
    from molq.chem.table import read_table
    from molq.data.locate import locate
    from molq.nn.config import PredictorConfig
    from molq.nn.ensemble import from_members
    from molq.nn.predictor import Predictor
    from molq.quant.convert import quantize
    from molq.quant.scheme import get_scheme
    from molq.store.card import Card
    from molq.store.molqfile import save

    torch.manual_seed(0)
    config = PredictorConfig("dmpnn", tasks=("activity",), kind="classification", d_h=width)
    model = from_members([Predictor(config).eval() for _ in range(members)])
    calibration = featurize(read_table(locate("moses")).read_smiles[:200]).graphs
    save(path, quantize(model, get_scheme("int8"), [calibration]), Card(path.stem), force=True)
    return path


if __name__ == "__main__":
    main()
