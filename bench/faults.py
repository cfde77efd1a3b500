"""Faults on purpose: rows lost, rows twice, bytes changed. Every figure of the last columns must be 0 or "same".

Three trials, each against an undisturbed run:
  kills      the whole run is killed (-9) at random moments and resumed, again and again
  mutants    SMILES with random byte edits: every row comes back once, scored or with a reason
  workers    worker processes and their server are killed at random while the run goes on

    python bench/faults.py                                       20 kills, 100,000 mutants
    python bench/faults.py --rows 20000 --kills 5 --mutants 5000    about a minute
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from process_tree import tree

from molq.chem.table import read_table
from molq.data.locate import locate

MODEL = Path(__file__).parent.parent / "models" / "bace-dmpnn.molq"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--dataset", default="moses-test")
    parser.add_argument("--rows", type=int, default=170_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--worker-kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = write_library(folder / "library.csv", real_smiles(options.dataset, options.rows))
        quiet = screen(options, library, folder / "quiet.csv")
        quiet.wait()
        expected = (folder / "quiet.csv").read_bytes()
        print(
            "| trial | rows | disturbed | lost | twice | rejected | final bytes |\n|---|---:|---:|---:|---:|---:|---|"
        )
        kills = killed_and_resumed(options, library, folder / "killed.csv", chance)
        report("kills", folder / "killed.csv", library, kills, expected)
        lost = workers_killed(options, library, folder / "workers.csv", chance)
        report("workers", folder / "workers.csv", library, lost, expected)
        mutants = write_library(folder / "mutants.csv", mutated(real_smiles(options.dataset, options.mutants), chance))
        for workers in (1, options.workers):
            screen(options, mutants, folder / f"mutants-{workers}.csv", workers=workers).wait()
        report(
            "mutants", folder / f"mutants-{options.workers}.csv", mutants, options.mutants,
            (folder / "mutants-1.csv").read_bytes(),
        )  # fmt: skip


def report(trial: str, output: Path, library: Path, disturbed: int, expected: bytes) -> None:
    """One line of the table: ids that are missing or repeated in the output, and whether its bytes are the expected."""
    with library.open(newline="", encoding="utf-8") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = [row["id"] for row in rows]
    lost, twice = len(set(wanted) - set(found)), len(found) - len(set(found))
    rejected = sum(row["rejected"] != "" for row in rows)
    same = "same" if output.read_bytes() == expected else "DIFFERENT"
    order = "" if found == wanted else ", ORDER CHANGED"
    print(
        f"| {trial} | {len(wanted):,} | {disturbed:,} | {lost} | {twice} | {rejected:,} | {same}{order} |", flush=True
    )


def killed_and_resumed(options: argparse.Namespace, library: Path, output: Path, chance: random.Random) -> int:
    """Kill the run at random moments until the kills are used up; how many times it died unfinished."""
    kills = 0
    while True:
        process = screen(options, library, output, "--resume")
        if kills < options.kills:
            wait_for_rows(process, output, chance.randrange(1, max(2, options.rows // options.kills)))
            time.sleep(chance.random() * 0.3)
            process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists() and not manifest(output).exists():
            return kills
        if kills >= options.kills:
            raise RuntimeError(f"a resumed run ended with code {process.returncode}")
        kills += 1


def workers_killed(options: argparse.Namespace, library: Path, output: Path, chance: random.Random) -> int:
    """Kill processes below the run, workers and their server, while there are workers; how many."""
    process = screen(options, library, output)
    wait_for_rows(process, output, 0)
    kills = 0
    while process.poll() is None:
        time.sleep(chance.uniform(0.2, 1.0))
        below = tree(process.pid)[1:]
        if len(below) > 1 and kills < options.worker_kills:
            victim = below[0] if kills % 7 == 6 else chance.choice(below)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
    if process.returncode:
        raise RuntimeError((output.parent / f"{output.name}.log").read_text())
    return kills


def wait_for_rows(process: subprocess.Popen[bytes], output: Path, more: int) -> None:
    """Until the run has put away ``more`` rows than now."""
    wanted = rows_done(output) + more
    while process.poll() is None and (not manifest(output).exists() or rows_done(output) < wanted):
        time.sleep(0.02)


def rows_done(output: Path) -> int:
    try:
        return int(json.loads(manifest(output).read_text())["done"]["rows"])
    except (OSError, ValueError):
        return 0


def manifest(output: Path) -> Path:
    return output.with_name(output.name + ".molq-run") / "manifest.json"


def screen(
    options: argparse.Namespace, library: Path, output: Path, *more: str, workers: int | None = None
) -> subprocess.Popen[bytes]:
    """Start molq screen on a library."""
    settings = ["--workers", workers or options.workers, "--shard-rows", max(100, options.rows // 60)]
    command = [sys.executable, "-m", "molq.cli.main", "screen", options.model, library, "-o", output, *settings, *more]
    with (output.parent / f"{output.name}.log").open("ab") as log:
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=log)


def real_smiles(dataset: str, n: int) -> list[str]:
    return read_table(locate(dataset)).read_smiles[:n]


def mutated(smiles: list[str], chance: random.Random) -> list[str]:
    """Each with one to three random edits: a byte changed, dropped or put in, or two neighbours swapped."""
    return ["".join(_edited(list(text), chance)) for text in smiles]


def _edited(letters: list[str], chance: random.Random) -> list[str]:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(letters) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(letters):
            letters[at] = chr(chance.randint(32, 126))
        elif kind == 1 and at < len(letters):
            del letters[at]
        elif kind == 2:
            letters.insert(at, chance.choice("()[]=#@+-.%0123456789CNOPSFIBrclnosHUu/\\"))
        else:
            letters[at : at + 2] = letters[at : at + 2][::-1]
    return letters


def write_library(path: Path, smiles: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["smiles", "id"])
        writer.writerows((text, f"M{i}") for i, text in enumerate(smiles))
    return path


if __name__ == "__main__":
    main()
