"""Hangs and bombs: small files and numbers that ask for endless work, and files that never come to an end."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import bombs

from molq.limits import BOUNDS
from trials.disturbed import manifest, real_smiles, screen, wait_for_rows, write_library
from trials.trial import MODEL, Ended, Fault, Trial, fault_of, molq

CPU_S, MOST_MB = 40.0, 1500.0
"""what a command may take until it refuses something, its start-up of some seconds and some hundred MB included"""
_MIB, _GIB = 1 << 20, 1 << 30
_HEAD = b"smiles,y\n"


class Bomb(NamedTuple):
    """A file that asks for too much."""

    name: str
    make: Callable[[Path], object]
    saying: str
    mb: float = MOST_MB
    cpu_s: float = CPU_S
    refused: bool | None = True
    """False where its commands end well, None where they may"""


_WIDE = (b"CCO,1" + b"," * 4000 + b"\n") * 500
_MOL_BLOCK = b"m\n  x\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\nM  END\n"

TEXTS = [
    Bomb("columns.csv", lambda path: path.write_bytes(b"smiles" + b",a" * 15_000_000 + b"\nCC"), "longer than 16"),
    Bomb("commas.csv", lambda path: path.write_bytes(b"smiles" + b"," * 5_000_000 + b"\nCC"), "columns at most"),
    Bomb("trailing.csv", lambda path: path.write_bytes((b"smiles,y" + b"," * 4000 + b"\n") + _WIDE), "", refused=False),
    Bomb("line.csv", lambda path: bombs.sparse(path, _HEAD + b"CCO,1\n" * 2000, _GIB), "longer than 16 MiB"),
    Bomb("first-line.csv", lambda path: bombs.sparse(path, b"smiles" * 2000, _GIB), "longer than 16 MiB"),
    Bomb("quote.csv", lambda path: path.write_bytes(_HEAD + b'CCO,1\n"' + b"CC\n" * (20 * _MIB)), "not closed"),
    Bomb("comments.csv", lambda path: path.write_bytes(b"#\n" * 5_000_000), "comments"),
    Bomb("blank.csv", lambda path: path.write_bytes(b"\n" * (100 * _MIB) + _HEAD + b"CCO,1\n"), "blank lines"),
    Bomb("record.sdf", lambda path: bombs.sparse(path, _MOL_BLOCK, _GIB), "is larger than 16 MiB"),
    Bomb("nothing.smi", lambda path: bombs.sparse(path, b"", 50 * _GIB), "not text"),
]
COMPRESSED = [
    Bomb("blank.csv.zst", lambda path: bombs.zstandard(path, _HEAD, b"\n", 10**9), "blank lines"),
    Bomb("line.smi.zst", lambda path: bombs.zstandard(path, b"CCO\n", b"C", 100 * 10**9), "longer than 16 MiB"),
    Bomb("window.csv.zst", lambda path: bombs.zstandard(path, _HEAD, b"\n", 10**9, window_log=31), "too much memory"),
    Bomb("blank.csv.gz", lambda path: bombs.gzipped(path, _HEAD, b"\n", 10**9), "blank lines"),
    Bomb("blank-first.csv.gz", lambda path: bombs.gzipped(path, b"", b"\n", 10**9), "blank lines"),
    Bomb("twice.csv.gz", lambda path: bombs.gzipped_twice(path, _HEAD, b"\n", 10**9), "blank lines"),
    Bomb("quote.csv.gz", lambda path: bombs.gzipped(path, _HEAD + b'"', b"CC\n", 10**9), "not closed"),
    Bomb("record.sdf.gz", lambda path: bombs.gzipped(path, _MOL_BLOCK, b"x\n", 10**9), "is larger than 16 MiB"),
    Bomb("blank.csv.bz2", lambda path: bombs.bzipped(path, _HEAD, b"\n", 500_000_000), "blank lines"),
    Bomb("blank.csv.zip", lambda path: bombs.zipped(path, _HEAD, b"\n", 10**9), "blank lines"),
    Bomb("dictionary.csv.xz", lambda path: bombs.lzma_with_dictionary(path, _HEAD, 4000, 3 * _GIB), "of memory"),
    Bomb("held.parquet.gz", lambda path: bombs.gzipped(path, b"PAR1", b"\0", 2 * _GIB), "larger than 1024 MiB"),
]
TABLES = [
    Bomb("cells.parquet", lambda path: bombs.parquet_cells(path, 2, 100 * _MIB), "a cell may have 16 MiB"),
    Bomb("repeated.parquet", lambda path: bombs.parquet_dictionary(path, 300, 10 * _MIB), ""),
    Bomb("filled.xlsx", lambda path: bombs.filled_workbook(path, 1_000_000, 2000), "unpacked"),
    Bomb("repeated.xlsx", lambda path: bombs.repeating_workbook(path, 400_000, 32_000), "GiB of memory", mb=4500),
    Bomb("far.xlsx", bombs.far_workbook, "GiB of memory", mb=4500),
]


def libraries(cases: Sequence[Bomb]) -> Callable[[Path, random.Random, int], Iterator[Fault | None]]:
    """Each as the library of a screen, which streams it, and as the molecules of a command that holds them."""

    def attempt(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
        for i in range(times):
            bomb = cases[i // 2 % len(cases)]
            path = folder / bomb.name
            if not path.exists():
                bomb.make(path)
            out = folder / "out.csv"
            streaming = ("screen", MODEL, path, "-o", out, "--workers", "1", "--force")
            holding = chance.choice(
                [
                    ("calibset", "build", path, "-o", out, "--size", "10", "--force"),
                    ("evaluate", MODEL, "--data", path, "--task", "y"),
                    ("quantize", MODEL, "--calibset", path, "-o", folder / "q.molq"),
                ]
            )
            if i % 2 == 0:
                yield _bounded(molq(*streaming), bomb)
                continue
            yield _bounded(molq(*holding), bomb._replace(saying="", refused=bomb.refused or None))
            path.unlink()

    return attempt


def hostile_checkpoints(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Checkpoints whose pickles unfold, multiply or recurse."""
    for i in range(times):
        bomb = CHECKPOINTS[i % len(CHECKPOINTS)]
        path = folder / bomb.name
        bomb.make(path)
        yield _bounded(molq("import", path, "-o", folder / "out.molq", "--force"), bomb)


def hostile_models(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Model files that state endless work, with the hash that belongs to what they state."""
    library = folder / "lib.smi"
    library.write_text("CCO\n")
    for i in range(times):
        bomb = MODELS[i // 2 % len(MODELS)]
        path = folder / bomb.name
        bomb.make(path)
        command = (("screen", path, library, "-o", folder / "out.csv", "--force"), ("info", path))[i % 2]
        yield _bounded(molq(*command), bomb)


def no_files(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A pipe to which nobody writes, and devices, as model, library, checkpoint and calibration set."""
    pipe, library, out = folder / "pipe", folder / "lib.csv", folder / "out.csv"
    os.mkfifo(pipe)
    library.write_text("smiles,y\n" + "CCO,1\nCCN,0\n" * 20)
    commands = [
        ("screen", MODEL, None, "-o", out),
        ("screen", None, library, "-o", out),
        ("info", None),
        ("import", None, "-o", folder / "out.molq"),
        ("calibset", "build", None, "-o", out),
        ("quantize", MODEL, "--calibset", None, "-o", folder / "out.molq"),
        ("evaluate", MODEL, "--data", None, "--task", "y"),
        ("train", None, "--task", "y", "-o", folder / "out.molq"),
    ]
    places = [pipe, Path("/dev/urandom"), Path("/dev/zero"), Path("/dev/tty")]
    for command, place in islice(cycle((c, p) for p in places for c in commands), times):
        yield _bounded(molq(*(place if word is None else word for word in command)), Bomb("", lambda _: None, ""))


def endless_numbers(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Numbers of options beyond their bounds: refused in a line that names the option."""
    library = write_library(folder / "lib.csv", real_smiles(100))
    out = folder / "out.csv"
    commands = {
        "draws": ("calibset", "validate", library, "--against", "bace"),
        "resamples": ("evaluate", MODEL, "--data", "bace"),
        "timeout-per-molecule": ("screen", MODEL, library, "-o", out),
        "shard-rows": ("screen", MODEL, library, "-o", out),
        "max-atoms": ("screen", MODEL, library, "-o", out),
        "workers": ("screen", MODEL, library, "-o", out),
        "top": ("screen", MODEL, library, "-o", out),
        "size": ("calibset", "build", library, "-o", out),
        "seed": ("calibset", "build", library, "-o", out),
        "epochs": ("train", "bace", "-o", folder / "out.molq"),
        "depth": ("train", "bace", "-o", folder / "out.molq"),
        "d-h": ("train", "bace", "-o", folder / "out.molq"),
        "split-seed": ("train", "bace", "-o", folder / "out.molq"),
        "qat-epochs": ("quantize", MODEL, "-o", folder / "out.molq"),
    }
    values = ["100000000", "2000000000", str(2**64), "1" + "0" * 400, "inf", "1e300", "-1"]
    pairs = [(name, value) for name in commands for value in values]
    beyond = [pair for pair in pairs if not _is_allowed(*pair)]
    for name, value in beyond[:1] + chance.sample(beyond[1:], min(times, len(beyond)) - 1):
        ended = molq(*commands[name], f"--{name}", value)
        yield _bounded(ended, Bomb("", lambda _: None, f"--{name}")) or (f"{name} wrote" if out.exists() else None)


def _is_allowed(name: str, value: str) -> bool:
    bounds = BOUNDS[name.replace("-", "_")]
    return bounds.low <= float(value) <= bounds.high


def altered_manifests(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A field of the manifest of an unfinished run has a wrong type or an absurd number; half of them are signed."""
    library, output = write_library(folder / "library.csv", real_smiles(5_000)), folder / "out.csv"
    process = screen(library, output)
    wait_for_rows(process, output, 1000)
    process.kill()
    process.wait()
    run = manifest(output).parent
    whole = json.loads(manifest(output).read_text())
    shutil.copytree(run, folder / "kept")
    values: list[Any] = [None, True, -1, -(10**30), 10**30, 10**400, 1.5, "x", [], {}, {"a": 1}, [1], [[]] * 100_000]
    tried = [(path, value) for path in _paths(whole) for value in values]
    for i, (path, value) in enumerate(chance.sample(tried, times)):
        altered = json.loads(json.dumps(whole))
        at = altered
        for key in path[:-1]:
            at = at[key]
        if type(at[path[-1]]) is type(value):
            value = None
        at[path[-1]] = value
        if i % 2:
            altered["sha256"] = ""
            signed = json.dumps(altered, separators=(",", ":"), ensure_ascii=False)
            altered["sha256"] = hashlib.sha256(signed.encode()).hexdigest()
        shutil.rmtree(run)
        shutil.copytree(folder / "kept", run)
        manifest(output).write_text(json.dumps(altered))
        ended = molq("screen", MODEL, library, "-o", output, "--shard-rows", "1000", "--resume")
        fault = _bounded(ended, Bomb("", lambda _: None, "start over with"))
        yield fault and f"{path} = {str(value)[:40]}: {fault}"


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*before, key)
        yield from _paths(inner, (*before, key))


def copies(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A calibration set of one molecule, over and over, under the schemes that invert a covariance."""
    for i in range(times):
        scheme, smiles = ("w4a8", "w2a8", "w3a8", "int8")[i % 4], ("CCO", "C", "[Na+].[Cl-]", "c1ccccc1")[i // 4 % 4]
        path = folder / "copies.csv"
        path.write_text("smiles\n" + f"{smiles}\n" * 50)
        ended = molq("quantize", MODEL, "--scheme", scheme, "--calibset", path, "-o", folder / "q.molq", "--force")
        fault = fault_of(ended) or _beyond(ended, Bomb("", lambda _: None, "", cpu_s=2 * CPU_S))
        yield fault and f"{scheme} of {smiles}: {fault}"


def _bounded(ended: Ended, bomb: Bomb) -> Fault | None:
    """What is wrong with how a bomb was refused."""
    fault = fault_of(ended, refused=bomb.refused, saying=bomb.saying) or _beyond(ended, bomb)
    if fault is None and ended.code == 1 and sum(line.startswith("error:") for line in ended.err.splitlines()) != 1:
        fault = f"an error of not one line: {ended.err[-300:]}"
    return fault and f"{bomb.name}: {fault}"


def _beyond(ended: Ended, bomb: Bomb) -> Fault | None:
    if ended.cpu_s > bomb.cpu_s:
        return f"took {ended.cpu_s:.0f} s of CPU time"
    return f"took {ended.peak_mb:,.0f} MB" if ended.peak_mb > bomb.mb else None


def _deep(opening: bytes, closing: bytes, depth: int) -> bytes:
    return b"\x80\x02" + opening * depth + b"]" + closing * depth + b"."


def _long(number: int) -> bytes:
    """The opcode of a whole number of any size."""
    digits = number.to_bytes(number.bit_length() // 8 + 1, "little")
    return b"\x8b" + struct.pack("<i", len(digits)) + digits


_ROOT = bombs.chemprop_root
CHECKPOINTS = [
    Bomb("laughs.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"d_v": bombs.laughs(), "d_h": bombs.laughs()})), ""),
    Bomb("laughs-depth.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"depth": bombs.laughs()})), ""),
    Bomb("laughs-dropout.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"dropout": bombs.laughs()})), ""),
    Bomb("laughs-activation.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"activation": bombs.laughs()})), ""),
    Bomb(
        "laughs-tasks.ckpt",
        lambda path: bombs.checkpoint(path, _ROOT({}, output_columns=bombs.laughs())),
        "",
        refused=False,
    ),
    Bomb("laughs-root.ckpt", lambda path: bombs.checkpoint(path, bombs.laughs()), ""),
    Bomb("number.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"depth": 10**400})), "bits"),
    Bomb("numbers.ckpt", lambda path: bombs.checkpoint(path, b"\x80\x02(" + _long(10**1000) * 20_000 + b"t."), "bits"),
    Bomb(
        "shape.ckpt", lambda path: bombs.checkpoint(path, {"x": bombs.Numbers((2**62,) * 8, (0,) * 8)}), "does not fit"
    ),
    Bomb("depth.ckpt", lambda path: bombs.checkpoint(path, _ROOT({"depth": 2**62})), "depth"),
    Bomb("nested.ckpt", lambda path: bombs.checkpoint(path, _deep(b"", b"\x85", 1_000_000)), ""),
    Bomb("opcodes.ckpt", lambda path: bombs.checkpoint(path, b"\x80\x02(" + b"]" * 15_000_000 + b"t."), "opcodes"),
    Bomb("keys.ckpt", lambda path: bombs.checkpoint(path, {i << 40: i for i in range(60_000)}), ""),
    Bomb("memo.ckpt", lambda path: bombs.checkpoint(path, b"\x80\x02]q\x00" + b"h\x00a" * 600_000 + b"."), ""),
]
MODELS = [
    Bomb("depth.molq", lambda path: bombs.stated_model(path, MODEL, depth=3000), "depth"),
    Bomb("steps.molq", lambda path: bombs.stated_model(path, MODEL, n_timesteps=50_000), "n_timesteps"),
    Bomb("wide.molq", lambda path: bombs.stated_model(path, MODEL, d_h=10**9), "d_h"),
    Bomb("number.molq", lambda path: bombs.stated_model(path, MODEL, d_h=10**400), ""),
    Bomb("head.molq", lambda path: bombs.stated_model(path, MODEL, head_hidden=[100_000] * 100), ""),
    Bomb("sparse.molq", lambda path: bombs.sparse(path, (_GIB).to_bytes(8, "little"), 50 * _GIB), "no model is larger"),
    Bomb("tensors.molq", lambda path: bombs.sparse(path, MODEL.read_bytes(), 50 * _GIB), ""),
]

TRIALS = [
    Trial("texts without an end", libraries(TEXTS), 2 * len(TEXTS), 1),
    Trial("compressed files that unpack without an end", libraries(COMPRESSED), 2 * len(COMPRESSED), 1),
    Trial("tables and workbooks that repeat themselves", libraries(TABLES), 2 * len(TABLES), 1),
    Trial("checkpoints that unfold", hostile_checkpoints, len(CHECKPOINTS), 1),
    Trial("models that state endless work", hostile_models, 2 * len(MODELS), 1),
    Trial("pipes and devices", no_files, 16, 1),
    Trial("numbers beyond every bound", endless_numbers, 30, 1),
    Trial("manifests with a wrong type in a field", altered_manifests, 20, 1),
    Trial("calibration sets of one molecule", copies, 8, 0),
]
