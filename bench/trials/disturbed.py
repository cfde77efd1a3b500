"""Kills, lost workers, broken text: every row comes back once, and the bytes are those of an undisturbed run."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from process_tree import tree

from molq.chem.table import read_table
from molq.data.locate import locate
from trials.trial import MODEL, Fault, Trial

_ROWS_A_KILL = 10_000
_KILLS_A_RESULT = 6
_UNDISTURBED: dict[bytes, bytes] = {}


def killed_and_resumed(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """One run, killed (-9) at random moments and resumed, so many times."""
    library, output = write_library(folder / "library.csv", real_smiles(_ROWS_A_KILL * (times + 2))), folder / "out.csv"
    expected = undisturbed(library)
    kills = 0
    while True:
        process = screen(library, output, "--resume")
        if kills < times:
            wait_for_rows(process, output, chance.randrange(1, _ROWS_A_KILL // 2))
            time.sleep(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists() and not manifest(output).exists():
            break
        if kills >= times:
            yield f"a resumed run ended with code {process.returncode}"
            return
        kills += 1
    yield from [difference(output, library, expected)] * kills


def workers_killed(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """One run, whose workers and their server are killed while there are workers, and some rows done now and then.

    A run gives up when many are lost in a row before any gives a result, as on a machine that is slow just then.
    """
    library, output = write_library(folder / "library.csv", real_smiles(_ROWS_A_KILL * (times + 2))), folder / "out.csv"
    expected = undisturbed(library)
    process = screen(library, output)
    wait_for_rows(process, output, 0)
    kills = 0
    while process.poll() is None:
        time.sleep(chance.uniform(0.05, 0.15))
        below = tree(process.pid)[1:]
        if len(below) > 1 and kills < times:
            victim = below[0] if kills % 7 == 6 else chance.choice(below)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
            if kills % _KILLS_A_RESULT == 0:
                wait_for_rows(process, output, 1)
    if process.returncode:
        *_, said = (output.parent / f"{output.name}.log").read_text(encoding="utf-8").splitlines()
        yield from [f"ended with code {process.returncode}: {said}"] * kills
    else:
        yield from [difference(output, library, expected)] * kills


def mutants(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """SMILES with random edits, by one worker and by several: every row once, the same bytes."""
    library = write_library(folder / "library.csv", mutated(real_smiles(times), chance))
    outputs = [folder / f"{workers}.csv" for workers in (1, 2)]
    for workers, output in enumerate(outputs, 1):
        screen(library, output, "--workers", str(workers)).wait()
    yield from [difference(outputs[1], library, outputs[0].read_bytes())] * times


def difference(output: Path, library: Path, expected: bytes) -> Fault | None:
    """Ids that are missing, repeated or out of place in the output, or other bytes than expected."""
    with library.open(newline="", encoding="utf-8") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    with output.open(newline="", encoding="utf-8") as file:
        found = [row["id"] for row in csv.DictReader(file)]
    if found != wanted:
        lost, twice = len(set(wanted) - set(found)), len(found) - len(set(found))
        return f"{lost} rows lost, {twice} twice, or their order changed"
    return None if output.read_bytes() == expected else "other bytes"


def undisturbed(library: Path) -> bytes:
    """The output of a run that nothing disturbs, made once for trials of one library."""
    content = library.read_bytes()
    if content not in _UNDISTURBED:
        output = library.with_suffix(".quiet.csv")
        screen(library, output).wait()
        _UNDISTURBED[content] = output.read_bytes()
    return _UNDISTURBED[content]


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


def screen(library: Path, output: Path, *more: str, model: Path = MODEL) -> subprocess.Popen[bytes]:
    """Start molq screen on a library."""
    command = [sys.executable, "-m", "molq", "screen", model, library, "-o", output, "--shard-rows", "1000", *more]
    with (output.parent / f"{output.name}.log").open("ab") as log:
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=log)


def real_smiles(n: int) -> list[str]:
    """Of MOSES' test split where it is at hand, else of the ZINC sample that comes with molq, over and over."""
    smiles = read_table(locate("moses-test" if os.environ.get("MOLQ_DATA_DIR") else "zinc-sample")).read_smiles
    return [smiles[i % len(smiles)] for i in range(n)]


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


TRIALS = [
    Trial("a run killed at any moment and resumed", killed_and_resumed, 20, 1),
    Trial("workers and their server killed at any moment", workers_killed, 20, 2),
    Trial("SMILES with random edits", mutants, 100_000, 500),
]
