"""Checkpoints as people have them, imported and scored beside the predictions of the program that made them.

Every folder of ../shared/checkpoints holds checkpoints, how they were trained (make.sh), their own program's
predictions for screen.csv (expected*.csv; expected_v1.csv are chemprop 1's, and count more than those of its converter)
and whether a refusal is fair (verdict.txt).

    python bench/checkpoints.py            the table, as Markdown; exit code 1 when a line is neither equal nor fair
    python bench/checkpoints.py 12 40      some of them
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import molq

ROOT = Path(__file__).resolve().parents[1]
CHECKPOINTS = Path(os.environ.get("MOLQ_CHECKPOINTS") or ROOT.parent / "shared" / "checkpoints")
TOLERANCE = 1e-5
"""of the range of the peer's column"""
SUFFIXES = (".pt", ".ckpt")
EXPECTED = ("expected_v1.csv", "expected.csv", "expected_0.csv")
"""the best first"""
FAIR = re.compile(r"\b(fair|clear)\b")
_PEERS = {"git -C": "published, chemprop 1", "v161/": "chemprop 1.6.1", "v200/": "chemprop 2.0.0"}
_TRAINING = re.compile(r"(train|\S+/chemprop_train|\S+/chemprop train)\b|export .*/chemprop_train\b")
_EVERYDAY = {"data_path", "save_dir", "epochs", "hidden_size", "num_workers", "no_cuda", "quiet", "batch_size"}
_EVERYDAY |= {"i", "o", "q", "metrics", "ensemble_size"}


class Run(NamedTuple):
    """One import of one folder."""

    name: str
    what: str
    sources: tuple[Path, ...]
    expected: Path | None
    """the peer's predictions, if it made any"""
    is_refusal_fair: bool


class Outcome(NamedTuple):
    """What came of it."""

    difference: float | None
    """the largest, of the range of the peer's column; None where nothing can be compared"""
    refusal: str | None
    agrees: bool

    @property
    def verdict(self) -> str:
        if self.refusal is not None:
            return f"{'refused' if self.agrees else 'REFUSED, unfairly'}: {self.refusal}"
        if self.difference is None:
            return "imported; its own program gives no predictions"
        return "equal" if self.agrees else "DIFFERENT"


def all_runs(checkpoints: Path, names: Sequence[str] = ()) -> Iterator[Run]:
    """The imports of every folder, or of those whose names begin so."""
    for folder in sorted(path for path in checkpoints.iterdir() if path.is_dir()):
        if not names or folder.name.startswith(tuple(names)):
            yield from runs(folder)


def runs(folder: Path) -> Iterator[Run]:
    """The imports of a folder: of each of its parts, and of those together that have predictions of their own."""
    parts = [path for path in sorted(folder.iterdir()) if _is_checkpoint(path)]
    script, verdict = ((folder / name).read_text() for name in ("make.sh", "verdict.txt"))
    is_fair = FAIR.search(verdict.splitlines()[0]) is not None
    common = next((folder / name for name in EXPECTED if (folder / name).exists()), None)
    own = {part: folder / f"expected_{part.name}.csv" for part in parts}
    has_own = [part for part in parts if own[part].exists()]
    for part in parts:
        expected = common if not has_own else own[part] if part in has_own else None
        name = folder.name if len(parts) == 1 else f"{folder.name}/{part.name}"
        yield Run(name, _what(script, part.name), (part,), expected, is_fair)
    if len(has_own) > 1:
        together = " and ".join(part.name for part in has_own)
        yield Run(f"{folder.name}/{together}", "an ensemble of these", tuple(has_own), common, is_fair)


def outcome(run: Run, smiles: Sequence[str]) -> Outcome:
    """What molq makes of it."""
    try:
        model = molq.import_checkpoint(run.sources)
    except molq.MolqError as error:
        reason = str(error).replace(f"{run.sources[0].parent}/", "")
        return Outcome(None, re.sub(r"^\S+: ", "", reason), run.is_refusal_fair)
    if run.expected is None:
        return Outcome(None, None, agrees=True)
    scores = np.asarray(model.predict(list(smiles)), np.float64).reshape(len(smiles), -1)
    found = dict(zip(model.columns, scores.T, strict=True))
    difference = _largest_difference(found, _peers_columns(run.expected))
    return Outcome(difference, None, difference <= TOLERANCE)


def screened(folder: Path) -> list[str]:
    """The molecules of which there are predictions."""
    with (folder / "screen.csv").open(newline="") as file:
        return [row["smiles"] for row in csv.DictReader(file)]


def _is_checkpoint(path: Path) -> bool:
    """Whether it is a checkpoint, or a folder with one in it."""
    return any(found.suffix in SUFFIXES for found in [path, *(path.rglob("*") if path.is_dir() else ())])


def _what(script: str, part: str) -> str:
    """How a part of the folder was trained: by which program, with which options that are not everyday ones."""
    peer = next((name for mark, name in _PEERS.items() if mark in script), "chemprop 2.3.1")
    lines = [line for line in script.splitlines() if _TRAINING.match(line)]
    (line, *_) = [line for line in lines if re.search(rf" -o {re.escape(part)}( |$)", line)] or lines or [""]
    options = [
        f"{'-t' if name == 't' else f'--{name}'}{values}"
        for name, values in re.findall(r"\s--?([\w-]+)((?:\s+[^\s-]\S*)*)", re.split(r"\s>", line)[0])
        if name not in _EVERYDAY
    ]
    return f"{peer}: {' '.join(options)}" if options else peer


def _peers_columns(path: Path) -> dict[str, NDArray[np.float64]]:
    """The numbers [n] of each column that the peer predicted; the classes of TASK_prob are TASK_0, TASK_1, ..."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, NDArray[np.float64]] = {}
    for name in list(rows[0])[1:]:
        cells = [_numbers(row[name]) for row in rows]
        if name.endswith("_prob"):
            task, width = name.removesuffix("_prob"), max(map(len, cells))
            columns.pop(task, None)  # the likeliest class, which the probabilities say already
            columns |= {f"{task}_{k}": np.array([cell[k] for cell in cells]) for k in range(width)}
        else:
            columns[name] = np.array([cell[0] for cell in cells])
    return columns


def _numbers(cell: str) -> list[float]:
    try:
        return [float(number) for number in cell.strip("[]").split(",")]
    except ValueError:
        return [np.nan]


def _largest_difference(found: dict[str, NDArray[np.float64]], peer: dict[str, NDArray[np.float64]]) -> float:
    """Relative to the range of the peer's column; infinite where a column or a molecule is missing on one side."""
    names = dict(zip(peer, peer if set(peer) <= set(found) else found, strict=False))
    if len(names) < len(peer):
        return np.inf
    largest = 0.0
    for name, expected in peer.items():
        scores = found[names[name]]
        if not np.array_equal(np.isnan(scores), np.isnan(expected)):
            return np.inf
        largest = max(largest, float(np.nanmax(np.abs(scores - expected)) / np.ptp(expected[~np.isnan(expected)])))
    return largest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", help="how the names of folders begin")
    parser.add_argument("--checkpoints", type=Path, default=CHECKPOINTS)
    options = parser.parse_args()
    if not options.checkpoints.is_dir():
        parser.error(f"{options.checkpoints} is not there; name the folder of checkpoints with --checkpoints")
    smiles = screened(options.checkpoints)
    print("| checkpoint | what it is | largest difference | outcome |\n|---|---|---|---|")
    n_wrong = n = 0
    for run in all_runs(options.checkpoints, options.numbers):
        made = outcome(run, smiles)
        n, n_wrong = n + 1, n_wrong + (not made.agrees)
        difference = "" if made.difference is None else f"{made.difference:.0e}"
        what, verdict = (text.replace("|", "\\|") for text in (run.what, made.verdict))
        print(f"| {run.name} | {what} | {difference} | {verdict} |", flush=True)
    print(f"\n{n - n_wrong} of {n} imports are equal to their own program's predictions, or refused for a fair reason.")
    sys.exit(bool(n_wrong))


if __name__ == "__main__":
    main()
