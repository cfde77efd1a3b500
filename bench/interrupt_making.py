"""A process that trains and quantizes, is interrupted by SIGINT at a random moment, and does the same again.

Prints a line per interruption: empty where it was heard, where the file to be written is absent or whole, and where the
model afterwards has the bytes of an undisturbed run; else what was wrong.

    python bench/interrupt_making.py TIMES SEED
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from interrupt import Alarm

import molq
from molq.data.labels import load_dataset

_N_MOLECULES = 120
Make = Callable[[Path], molq.Model]
"""makes a model and saves it under a name"""


def main() -> None:
    times, chance = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways = list(makers(folder).items())
        expected, longest = {}, {}
        for way, make in ways:
            make(folder / f"{way}-first.molq")  # what is compiled and read once
            started = time.perf_counter()
            expected[way] = bytes(make(folder / f"{way}.molq"))
            longest[way] = time.perf_counter() - started
        alarm, struck = Alarm(), 0
        unraisable: list[object] = []  # Python itself drops what is raised while it clears up an object
        sys.unraisablehook = unraisable.append
        while struck < times:
            way, make = ways[struck % len(ways)]
            path = folder / f"{struck}-{way}.molq"
            heard, unraisable[:] = False, []
            try:
                alarm.set(chance.random() * longest[way])
                make(path)
                alarm.clear()
            except KeyboardInterrupt:
                heard = True
            alarm.clear()
            if not alarm.came:
                path.unlink(missing_ok=True)
                continue
            struck += 1
            print(fault(path, make, expected[way], heard or bool(unraisable)), flush=True)


def makers(folder: Path) -> dict[str, Make]:
    """The ways to make a model, the small and quick."""
    table = write_table(folder / "table.csv")
    settings = {"tasks": ["active"], "d_h": 16, "epochs": 2, "name": "m", "split": "random"}
    model = molq.train(table, **settings)  # type: ignore[arg-type]
    molecules = load_dataset("bace").smiles[:40]

    def trained(path: Path) -> molq.Model:
        return kept(molq.train(table, repeats=2, **settings), path)  # type: ignore[arg-type]

    def calibrated(path: Path) -> molq.Model:
        return kept(model.quantize("int8", molecules), path)

    def tuned(path: Path) -> molq.Model:
        return kept(model.quantize("w2a8", molecules, data=table, qat_epochs=1), path)

    return {"trained": trained, "calibrated": calibrated, "tuned": tuned}


def kept(model: molq.Model, path: Path) -> molq.Model:
    model.save(path)
    return model


def fault(path: Path, make: Make, expected: bytes, heard: bool) -> str:
    """What is wrong after an interruption, "" for nothing."""
    threads = torch.get_num_threads()
    if path.exists() and path.read_bytes() != expected:
        return "half a file, or another"
    left = [other.name for other in path.parent.iterdir() if path.stem in other.name and other != path]
    path.unlink(missing_ok=True)
    if bytes(make(path)) != expected or path.read_bytes() != expected:
        return "other bytes"
    if torch.get_num_threads() != threads or threads != 1:
        return f"{threads} threads of torch are left"
    return "" if heard and not left else f"left behind: {left}" if left else "swallowed"


def write_table(path: Path) -> Path:
    whole = load_dataset("bace")
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["smiles", "active"])
        step = len(whole) // _N_MOLECULES
        writer.writerows((whole.smiles[i], int(whole.labels[i, 0])) for i in range(0, len(whole), step))
    return path


if __name__ == "__main__":
    main()
