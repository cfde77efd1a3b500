"""Faults on purpose: everything that a bad machine, a hostile file or an impatient user does, tried and counted.

Each trial says how often it was tried and how often molq held: nothing wrong, lost or overwritten, no traceback, no
hang. What did not hold is printed below the table, and the exit status is 1.

    python bench/faults.py                 all of it, many minutes
    python bench/faults.py --quick         what the tests run
    python bench/faults.py --only lost     one group
"""

from __future__ import annotations

import argparse
import importlib
import random
import tempfile
from pathlib import Path

from trials.trial import Trial

GROUPS = {
    "disturbed": "kills, lost workers, broken text",
    "runs": "the integrity of a run",
    "wrong": "silently wrong",
    "lost": "lost files",
    "noise": "tracebacks and noise",
    "endless": "hangs and bombs",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| group | trial | tried | held |\n|---|---|---:|---:|")
    faults: list[str] = []
    for group in options.only:
        for trial in importlib.import_module(f"trials.{group}").TRIALS:
            found = attempts(trial, options.quick, options.seed)
            print(f"| {GROUPS[group]} | {trial.name} | {len(found):,} | {found.count(None):,} |", flush=True)
            faults += [f"{trial.name}: {fault}" for fault in found if fault is not None]
    print("\n" + "\n".join(f"- did not hold: {fault}" for fault in faults) if faults else "")
    raise SystemExit(bool(faults))


def attempts(trial: Trial, quick: bool, seed: int) -> list[str | None]:
    """What each attempt came to, None where molq held."""
    with tempfile.TemporaryDirectory() as folder:
        return list(trial.attempt(Path(folder), random.Random(seed), trial.quick if quick else trial.times))


if __name__ == "__main__":
    main()
