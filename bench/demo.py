"""What ``make demo`` shows: a study of the pretrained BACE model, a screen with its int8 file, its hits to look at."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

FOLDER = Path("demo")
SMALL, LARGE = FOLDER / "models" / "int8.molq", Path("models/bace-dmpnn.molq")
CHOICE = ("--top", "500", "--diverse", "100", "--filter", "pains,brenk")


def main() -> None:
    scores, hits = FOLDER / "screen.csv", FOLDER / "hits.html"
    molq("study", "--dataset", "bace", "--model", LARGE, "-o", FOLDER, "--force")
    molq("screen", SMALL, "zinc-sample", "-o", scores, "--force")
    molq("hits", scores, *CHOICE, "--model", SMALL, "--against", LARGE, "-o", hits, "--force")
    print(f"\nOpen {hits} to look at the molecules, {FOLDER}/report.html for what int8 costs.")


def molq(*arguments: str | Path) -> None:
    """Run a molq command and show it; end here when it fails."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ molq {shlex.join(words)}", flush=True)
    finished = subprocess.run([sys.executable, "-m", "molq.cli.main", *words], check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main()
