"""Silently wrong: scores, rows or verdicts that look right and are not."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import nn

from molq.nn.config import default_config
from molq.nn.ensemble import from_members
from molq.nn.predictor import Predictor
from molq.store.card import Card
from molq.store.molqfile import encode, load, save
from trials.trial import MODEL, ROOT, Fault, Trial, fault_of, molq

_NO_NUMBERS = ("inf", "-inf", "nan", "-1", "1e300")
_NUMBERS = {
    "margin": ("evaluate", MODEL, "--data", "bace"),
    "max-drop": ("quantize", MODEL, "-o", "out.molq", "--scheme", "mixed"),
    "qat-lr": ("quantize", MODEL, "-o", "out.molq", "--qat-epochs", "1"),
    "dropout": ("train", "bace", "-o", "out.molq"),
    "max-lr": ("train", "bace", "-o", "out.molq"),
    "grad-clip": ("train", "bace", "-o", "out.molq"),
    "audit": ("screen", MODEL, "bace", "-o", "out.csv"),
    "timeout-per-molecule": ("screen", MODEL, "bace", "-o", "out.csv"),
}
"""options that take a fraction, a rate or a loss, and a command that does"""


def meaningless_numbers(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Infinite, negative and absurd values of options: refused in one line that names the option, nothing written."""
    tried = [(name, value) for name in _NUMBERS for value in _NO_NUMBERS]
    for name, value in chance.sample(tried, times):
        ended = molq(*_NUMBERS[name], f"--{name}", value, folder=folder)
        written = [path.name for path in folder.iterdir()]
        yield f"wrote {written[0]}" if written else fault_of(ended, refused=True, saying=f"--{name} is ")


def interrupted(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """SIGINT at random moments of ``Model.predict``: heard, and the next call gives the bits of an undisturbed run."""
    yield from _interruptions("interrupt.py", chance, times, MODEL)


def interrupted_others(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """The same for an ensemble, and for AttentiveFP, which torch executes; half of the times each."""
    torch.manual_seed(0)
    graph = Predictor(default_config("attentivefp", ("y",), "regression", d_h=32)).eval()
    config = default_config("dmpnn", ("y",), "regression", d_h=32)
    ensemble = from_members([Predictor(config).eval() for _ in range(3)])
    for name, network in (("attentivefp", graph), ("ensemble", ensemble)):
        save(folder / f"{name}.molq", network, Card(name))
        yield from (
            fault and f"{name}: {fault}"
            for fault in _interruptions("interrupt.py", chance, times // 2, folder / f"{name}.molq")
        )


def interrupted_making(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """SIGINT at random moments of ``molq.train`` and ``Model.quantize``: no half file, and the same bytes next time."""
    yield from _interruptions("interrupt_making.py", chance, times)


def _interruptions(script: str, chance: random.Random, times: int, *model: Path) -> Iterator[Fault | None]:
    command = [sys.executable, ROOT / "bench" / script, *model, times, chance.randrange(1 << 30)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads that wait for each other would make it ten times slower
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600, env=alone)
    lines = done.stdout.splitlines()
    yield from [line or None for line in lines]
    if len(lines) < times:
        yield f"ended early: {done.stderr.strip()[-200:]}"


def flipped_bytes(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """One flipped bit of a Parquet library: an error, never other scores.

    Pages have checksums. What stands behind them has none: there a name may be damaged without harm to the scores.
    """
    library, output = folder / "library.parquet", folder / "out.csv"
    table = pa.table({"smiles": [f"{'C' * (i % 9 + 1)}c1ccccc1{'NO'[i % 2]}" for i in range(300)]})
    pq.write_table(table, library, write_page_checksum=True, compression="none", use_dictionary=False)
    whole = library.read_bytes()
    molq("screen", MODEL, library, "-o", output)
    expected = scores_in(output)
    for _ in range(times):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        library.write_bytes(damaged)
        output.unlink(missing_ok=True)
        ended = molq("screen", MODEL, library, "-o", output, "--force")
        if ended.code == 0 and scores_in(output) == expected:
            yield None
        else:
            yield fault_of(ended, refused=True)


def scores_in(output: Path) -> list[str]:
    """The score of every row; the last column says why there is none."""
    return [line.split(",")[-2] for line in output.read_text(encoding="utf-8").splitlines()[1:]]


def overflowing_models(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A model of finite weights whose scores overflow: refused by every command that scores."""
    model, library = overflowing(folder / "large.molq"), folder / "labelled.csv"
    library.write_text("smiles,Class\nCCO,1\nc1ccccc1O,0\nCC(=O)N,1\nCCN,0\n")
    commands = [
        ("screen", model, library, "-o", folder / "out.csv", "--force"),
        ("screen", model, library, "-o", folder / "top.csv", "--top", "2", "--force"),
        ("evaluate", model, "--data", library, "--all-rows"),
    ]
    for i in range(times):
        yield fault_of(molq(*commands[i % len(commands)]), refused=True, saying="no number as")


def text_after_a_smiles(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Text after some SMILES of a column: counted in the summary, and as many rows rejected by a strict screen."""
    library, output = folder / "library.csv", folder / "out.csv"
    for i in range(times):
        spoiled = set(chance.sample(range(40), 7))
        after = [chance.choice([" O", "\nO", "\tO", "  aspirin"]) if row in spoiled else "" for row in range(40)]
        library.write_text("smiles,x\n" + "".join(f'"CC{text}",{row}\n' for row, text in enumerate(after)))
        command = ("screen", MODEL, library, "-o", output, "--force")
        if i % 2:
            yield fault_of(molq(*command, "--strict"), refused=False, saying="7 rejected: text after the SMILES")
        else:
            yield fault_of(molq(*command), refused=False, saying="7 rows hold text after their SMILES")


def overflowing(path: Path) -> Path:
    """The model with weights of 3e38 in its head."""
    loaded = load(MODEL)
    with torch.no_grad():
        for layer in loaded.network.members[0].head.layers:
            assert isinstance(layer, nn.Linear)
            layer.weight.fill_(3e38)
    path.write_bytes(encode(loaded.network, loaded.card))
    return path


TRIALS = [
    Trial("SIGINT at any moment of a prediction, and the same again", interrupted, 1000, 10),
    Trial("the same for AttentiveFP and an ensemble", interrupted_others, 200, 0),
    Trial("SIGINT at any moment of a training or a quantization, and the same again", interrupted_making, 300, 4),
    Trial("a flipped bit of a Parquet file", flipped_bytes, 30, 1),
    Trial("weights whose scores overflow", overflowing_models, 3, 2),
    Trial("text after a SMILES in its cell", text_after_a_smiles, 6, 2),
    Trial("numbers that mean nothing, to options", meaningless_numbers, 40, 3),
]
