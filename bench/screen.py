"""A library screened from SMILES to scores: molq, chemprop predict, admet_predict, and the floor, on the same file.

Every figure is the wall-clock time of a whole command in this run on this machine; every program has been run over few
rows before, so that what an installation's first run compiles and the disk's cache count for none. "with start-up" is
rows over that time. "without" leaves start-up out: molq states it; of the others a second run over few rows is
subtracted; for chemprop the rate that its own progress bar shows for the predict phase is given too, and the higher of
the two counts. The floor is RDKit's MolFromSmiles over the same file in as many processes: no system that parses with
RDKit is faster. Scores are compared row by row with those of the first contender that has the same tasks.

    python bench/screen.py                              200,000 rows of MOSES: a quarter of an hour, most the others'
    python bench/screen.py --rows 5000 --admet-rows 200    two minutes
    python bench/screen.py --only molq floor
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from process_tree import run

FEW_ROWS = 200
CHEMPROP_BATCH = 512


class Measured(NamedTuple):
    """One line of the table. Rates in mol/s."""

    name: str
    rows: int
    seconds: float
    rate_with_startup: float
    rate: float
    peak_rss_mb: float
    peak_pss_mb: float
    scores: Path | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--admet-rows", type=int, default=4000, help="rows for admet_predict, which is slow")
    parser.add_argument("--rounds", type=int, default=5, help="of molq and the floor in turn")
    parser.add_argument("--dataset", default="moses", help="a dataset by name")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", nargs="*", choices=["molq", "chemprop", "admet", "floor"])
    options = parser.parse_args()
    wanted = set(options.only or ("molq", "chemprop", "admet", "floor"))
    print(f"{options.rows:,} rows of {options.dataset}, {options.workers} processes, ADMET-AI models.\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = write_rows(options.dataset, options.rows, folder / "library.csv")
        few = head_of(library, FEW_ROWS, folder / "few.csv")
        models = prepare_models(folder, library) if "molq" in wanted else {}
        print_head()
        done: list[Measured] = []
        if "floor" in wanted:
            done.append(show(floor(library, options.rows, options.workers)))
        if "chemprop" in wanted:
            checkpoint = admet_checkpoints("classification")[0]
            done.append(show(chemprop("chemprop predict, model 0", checkpoint, library, few, options.rows, folder)))
        if "molq" in wanted:
            done += ours(models, library, few, options, folder)
        if "admet" in wanted:
            some = head_of(library, options.admet_rows, folder / "some.csv")
            done.append(show(admet(some, few, options.admet_rows, folder)))
        print_ratios(done)
        print_agreement(done)
        if wanted >= {"molq", "floor"}:
            print_share_of_floor(models["int8, model 0"], library, options, folder)


def print_head() -> None:
    print("| | rows | s | mol/s with start-up | mol/s | peak RSS, MB | peak PSS, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")


def show(line: Measured) -> Measured:
    memory = f"{line.peak_rss_mb:,.0f} | {line.peak_pss_mb:,.0f}" if line.peak_rss_mb else "– | –"
    print(
        f"| {line.name} | {line.rows:,} | {line.seconds:.1f} | {line.rate_with_startup:,.0f} | {line.rate:,.0f} "
        f"| {memory} |",
        flush=True,
    )
    return line


def print_ratios(done: list[Measured]) -> None:
    by_name = {line.name: line for line in done}
    print()
    for name, other, what in (
        ("molq int8, model 0", "chemprop predict, model 0", "rate"),
        ("molq int8, model 0", "chemprop predict, model 0", "rate_with_startup"),
        ("molq int8, ten models", "admet_predict, ten models", "rate"),
        ("molq int8, model 0", "RDKit parse only", "rate"),
    ):
        if name in by_name and other in by_name:
            ratio = getattr(by_name[name], what) / getattr(by_name[other], what)
            print(f"- {name} / {other}, {what.replace('_', ' ')}: {ratio:.2f}")


def print_share_of_floor(paths: list[Path], library: Path, options: argparse.Namespace, folder: Path) -> None:
    """The rate of a screen over that of the bare parse, the two taken in turn: a busy neighbour slows both alike."""
    shares = []
    for _ in range(options.rounds):
        bare = floor(library, options.rows, options.workers).rate
        ours = molq("screen", *paths, library, "-o", folder / "again.csv", "--workers", options.workers, "--force")
        shares.append(ours["mols_per_s"] / bare)
        print(f"- molq int8, model 0: {ours['mols_per_s']:,.0f} mol/s, parse only {bare:,.0f}: {shares[-1]:.2f}")
    print(f"- share of the parse rate, median of {options.rounds} rounds: {np.median(shares):.2f}")


def print_agreement(done: list[Measured]) -> None:
    """Largest and mean difference, and mean Spearman correlation over tasks, against the reference's scores."""
    from scipy.stats import spearmanr

    references = [line for line in done if line.scores and not line.name.startswith("molq")]
    for line in done:
        if line.scores is None or line in references:
            continue
        mine = read_scores(line.scores)
        for reference in references:
            theirs = read_scores(reference.scores or Path())
            tasks = [task for task in mine if task in theirs]
            if not tasks or ("ten" in line.name) != ("ten" in reference.name):
                continue
            n = min(len(mine[tasks[0]]), len(theirs[tasks[0]]))
            pairs = [(mine[task][:n], theirs[task][:n]) for task in tasks]
            worst = max(float(np.nanmax(np.abs(a - b))) for a, b in pairs)
            rho = float(np.mean([spearmanr(a, b, nan_policy="omit").statistic for a, b in pairs]))
            print(f"- {line.name} against {reference.name}: {n:,} rows, {len(tasks)} tasks, ", end="")
            print(f"largest difference {worst:.2g}, Spearman {rho:.4f}")


def ours(
    models: dict[str, list[Path]], library: Path, few: Path, options: argparse.Namespace, folder: Path
) -> list[Measured]:
    """molq screen with each model."""
    from molq.chem.fastpath.compiling import compile_now

    compile_now()
    lines = []
    for name, paths in models.items():
        out = folder / f"{name}.csv".replace(" ", "-").replace(",", "")
        molq("screen", *paths, few, "-o", folder / "few-scored.csv", "--workers", options.workers, "--force")
        summary = molq("screen", *paths, library, "-o", out, "--workers", options.workers)
        lines.append(
            show(Measured(
                f"molq {name}", options.rows, summary["wall_s"], options.rows / summary["wall_s"],
                summary["mols_per_s"], summary["peak_rss_mb"], summary["peak_pss_mb"], out,
            ))
        )  # fmt: skip
    return lines


def molq(*arguments: object) -> dict[str, float]:
    """The summary of a molq command, with its wall-clock time and memory."""
    done = run([sys.executable, "-m", "molq.cli.main", *map(str, arguments), "--json"])
    if done.returncode:
        raise RuntimeError(done.stderr)
    memory = {"wall_s": done.seconds, "peak_rss_mb": done.peak_rss_mb, "peak_pss_mb": done.peak_pss_mb}
    return json.loads(done.stdout) | memory


def chemprop(name: str, checkpoint: Path, library: Path, few: Path, rows: int, folder: Path) -> Measured:
    """chemprop predict at its best: cuik_molmaker, large batches."""
    out = folder / "chemprop.csv"

    def predict(source: Path) -> tuple[float, str, float, float]:
        command = [
            str(Path(sys.executable).with_name("chemprop")), "predict", "-i", str(source), "-o", str(out),
            "--model-paths", str(checkpoint), "-b", str(CHEMPROP_BATCH),
            "--use-cuikmolmaker-featurization", "--accelerator", "cpu",
        ]  # fmt: skip
        done = run(command)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.seconds, done.stdout + done.stderr, done.peak_rss_mb, done.peak_pss_mb

    start_s = predict(few)[0]
    seconds, text, rss, pss = predict(library)
    shown = [float(n) * CHEMPROP_BATCH for n in re.findall(r"Predicting.*?100%.*?([\d.]+)it/s", text)]
    rate = max([(rows - FEW_ROWS) / max(seconds - start_s, 1e-9), *shown[-1:]])
    return Measured(name, rows, seconds, rows / seconds, rate, rss, pss, out)


def admet(some: Path, few: Path, rows: int, folder: Path) -> Measured:
    """admet_predict: the ten models, no physicochemical properties, no DrugBank percentiles where it lets us."""
    out = folder / "admet.csv"

    def predict(source: Path) -> tuple[float, float, float]:
        command = [
            str(Path(sys.executable).with_name("admet_predict")), "--data_path", str(source), "--save_path", str(out),
            "--smiles_column", "smiles",
        ]  # fmt: skip
        done = run(command)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.seconds, done.peak_rss_mb, done.peak_pss_mb

    start_s = predict(few)[0]
    seconds, rss, pss = predict(some)
    rate = (rows - FEW_ROWS) / max(seconds - start_s, 1e-9)
    return Measured("admet_predict, ten models", rows, seconds, rows / seconds, rate, rss, pss, out)


def floor(library: Path, rows: int, workers: int) -> Measured:
    """Chem.MolFromSmiles over the file, in as many processes."""
    smiles = [line.partition(",")[0] for line in library.read_text().splitlines()[1:]]
    parts = [smiles[i::workers] for i in range(workers)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(parse_only, [part[:100] for part in parts]))
        started = time.perf_counter()
        list(pool.map(parse_only, parts))
        seconds = time.perf_counter() - started
    return Measured("RDKit parse only", rows, seconds, rows / seconds, rows / seconds, 0, 0, None)


def parse_only(smiles: list[str]) -> int:
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    return sum(Chem.MolFromSmiles(text) is not None for text in smiles)


def prepare_models(folder: Path, library: Path) -> dict[str, list[Path]]:
    """Model 0 in fp32 and int8, and both ensembles in int8, calibrated on 200 molecules of the library."""
    from molq.chem.featurize import featurize
    from molq.interop.sources import import_model
    from molq.quant.convert import quantize
    from molq.quant.scheme import get_scheme
    from molq.store.card import Card
    from molq.store.molqfile import save

    smiles = [line.partition(",")[0] for line in library.read_text().splitlines()[1:]]
    chosen = np.random.default_rng(0).permutation(len(smiles))[:200]
    calibration = [featurize([smiles[i] for i in chosen]).graphs]

    def written(name: str, sources: list[str | Path], scheme: str) -> Path:
        path = folder / f"{name}.molq"
        model = import_model(sources).network
        save(path, model if scheme == "fp32" else quantize(model, get_scheme(scheme), calibration), Card(name))
        return path

    first: list[str | Path] = [admet_checkpoints("classification")[0]]
    ensembles = [written(f"{kind}-int8", [f"admet_ai:{kind}"], "int8") for kind in ("classification", "regression")]
    return {
        "fp32, model 0": [written("model0-fp32", first, "fp32")],
        "int8, model 0": [written("model0-int8", first, "int8")],
        "int8, ten models": ensembles,
    }


def admet_checkpoints(kind: str) -> list[Path]:
    spec = find_spec("admet_ai")
    assert spec is not None, "pip install admet-ai"
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    return sorted((folder / "resources" / "models" / f"admet_{kind}").glob("*.pt"))


def write_rows(dataset: str, rows: int, path: Path) -> Path:
    from molq.chem.table import read_table
    from molq.data.locate import locate

    smiles = read_table(locate(dataset)).read_smiles[:rows]
    with path.open("w", encoding="utf-8") as file:
        file.write("smiles\n")
        file.writelines(f"{text}\n" for text in smiles)
    if len(smiles) < rows:
        raise SystemExit(f"{dataset} has only {len(smiles)} rows")
    return path


def head_of(library: Path, rows: int, path: Path) -> Path:
    with library.open() as file:
        path.write_text("".join(line for line, _ in zip(file, range(rows + 1), strict=False)))
    return path


def read_scores(path: Path) -> dict[str, NDArray[np.float64]]:
    """Number columns of a CSV by name; what is no number is NaN."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    number: Callable[[str], float] = lambda text: float(text) if re.fullmatch(r"[-+.\deE]+", text) else np.nan  # noqa: E731
    columns = zip(*rows[1:], strict=True)
    found = {name: np.array([number(text) for text in column]) for name, column in zip(rows[0], columns, strict=True)}
    return {name: values for name, values in found.items() if not np.isnan(values).all()}


if __name__ == "__main__":
    main()
