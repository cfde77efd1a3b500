"""What ``make demo`` shows: a study of the pretrained BACE model, a screen with its int8 file, the ten best."""

from __future__ import annotations

import csv
import heapq
import shlex
import subprocess
import sys
from pathlib import Path

FOLDER = Path("demo")
N_BEST = 10


def main() -> None:
    molq("study", "--dataset", "bace", "--model", "models/bace-dmpnn.molq", "-o", FOLDER, "--force")
    molq("screen", FOLDER / "models" / "int8.molq", "zinc-sample", "-o", FOLDER / "screen.csv", "--force")
    print(f"\nThe ten best of zinc-sample by {FOLDER}/models/int8.molq\n")
    for rank, (score, smiles) in enumerate(best(FOLDER / "screen.csv"), 1):
        print(f"{rank:4d}  {score:.4f}  {smiles}")
    print(f"\nOpen {FOLDER}/report.html for the figures.")


def molq(*arguments: str | Path) -> None:
    """Run a molq command and show it; end here when it fails."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ molq {shlex.join(words)}", flush=True)
    finished = subprocess.run([sys.executable, "-m", "molq.cli.main", *words], check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


def best(path: Path) -> list[tuple[float, str]]:
    """(score, SMILES) of the best rows of a screen with one task, best first."""
    with path.open(encoding="utf-8", newline="") as file:
        scored = ((float(row["Class"]), row["smiles"]) for row in csv.DictReader(file) if row["Class"])
        return heapq.nlargest(N_BEST, scored)


if __name__ == "__main__":
    main()
