"""Tracebacks and noise where one line belongs."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from trials.trial import MODEL, ROOT, TRACEBACKS, Fault, Trial, fault_of, molq

_FORGED = "active\nverified: the content has this hash\x1b[2K\u202e"
_MARKS = ("\x1b", "\u202e", "\r", "\nverified")
_MOLECULES = ["CCO", "c1ccccc1C(=O)N", "CC(C)CC1CCCCC1", "Clc1ccncc1", "OC(=O)CCl", "C1CC1N", "CC#N", "FC(F)F"] * 6
_CHAINS = [f"{'C' * n}O" for n in range(3, 50)]
_POISON = "CCCC(O)C1CCC1"
_SITE = f"""
from rdkit import Chem
_read = Chem.MolFromSmiles
def reading(text, *more, **options):
    if isinstance(text, str) and text.startswith({_POISON!r}):
        raise RuntimeError("Invariant Violation\\n\\tinconsistent state")
    return _read(text, *more, **options)
Chem.MolFromSmiles = reading
"""
"""a start-up file that makes RDKit break an invariant at one molecule"""
_STRANGER = ("setpriv", "--reuid", "54321", "--clear-groups")
_READS_ALL = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")


def poison(folder: Path, rng: random.Random, times: int) -> Iterator[Fault | None]:
    """A molecule on which RDKit raises is a rejected row, for every command that reads molecules itself."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_SITE)
    environment = {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT), os.environ.get("PYTHONPATH", "")])}
    table = folder / "labelled.csv"
    smiles = [*_MOLECULES[:20], _POISON + "->[Fe]", *_MOLECULES[20:], _POISON, *_CHAINS]
    table.write_text("smiles,y,Class\n" + "".join(f"{text},{i % 2},{i % 2}\n" for i, text in enumerate(smiles)))
    commands: list[tuple[object, ...]] = [
        (
            "calibset",
            "build",
            table,
            "-o",
            folder / "c.csv",
            "--size",
            10,
            "--strategy",
            "scaffold",
            "--workers",
            1,
            "--force",
        ),
        ("evaluate", MODEL, "--data", table, "--resamples", 100),
        ("calibset", "validate", folder / "c.csv", "--against", table, "--draws", 200),
        ("quantize", MODEL, "--scheme", "int8", "--calibset", table, "-o", folder / "q.molq", "--force"),
        (
            "train",
            table,
            "--task",
            "y",
            "--epochs",
            1,
            "--d-h",
            16,
            "--split",
            "random",
            "-o",
            folder / "t.molq",
            "--force",
        ),
        ("sensitivity", MODEL, "--data", table, "--calibset", folder / "c.csv"),
        ("screen", MODEL, table, "-o", folder / "s.csv", "--workers", 1, "--force"),
    ]
    for i in range(times):
        ended = molq(*commands[i % len(commands)], environment=environment)
        fault = fault_of(ended)
        if fault is None and ended.code:
            fault = f"ended with {ended.code}: {ended.err[-200:]}"
        yield fault and f"{commands[i % len(commands)][0]}: {fault}"


def forged(folder: Path, rng: random.Random, times: int) -> Iterator[Fault | None]:
    """Names of tasks, columns, files and cards that move a cursor or pose as a line of molq's."""
    model = folder / "m.molq"
    table = folder / "t.csv"
    cells = "".join(f"{smiles},{i % 2},{i % 2}\n" for i, smiles in enumerate(_MOLECULES))
    table.write_text('"smiles","' + _FORGED + '",y\n' + cells)
    odd = folder / f"a\nverified\x1b[2K{table.name}"
    shutil.copy(table, odd)
    steps: list[tuple[object, ...]] = [
        ("train", table, "--task", "y", "--epochs", 1, "--d-h", 16, "-o", model, "--name", _FORGED, "--force"),
        ("info", model),
        ("info", model, "--json"),
        ("train", table, "--task", _FORGED, "-o", model, "--force"),
        ("info", folder / _FORGED),
        ("evaluate", model, "--data", odd, "--task", _FORGED + "x"),
        ("screen", model, odd, "-o", folder / "out.csv", "--force", "--columns", _FORGED + "x"),
    ]
    for i in range(times):
        ended = molq(*steps[i % len(steps)])
        shown = [mark for mark in _MARKS if mark in ended.out + ended.err]
        yield fault_of(ended) or (f"{steps[i % len(steps)][0]} shows {shown}" if shown else None)


def places(folder: Path, rng: random.Random, times: int) -> Iterator[Fault | None]:
    """Every command under every bad environment: streams closed or full, an ASCII terminal, no home, no such user."""
    table = _table(folder / "labelled.csv", _MOLECULES)
    folder.chmod(0o777)
    commands = [
        ["info", str(MODEL)],
        ["data", "list"],
        ["info", str(MODEL), "--json"],
        ["--help"],
        ["screen", "--help"],
        ["data", "info", "esol"],
        ["data", "get", "bace"],
        ["screen", str(MODEL), str(table), "-o", "-", "--workers", "1"],
        ["evaluate", str(MODEL), "--data", str(table), "--task", "y", "--resamples", "100"],
        ["calibset", "build", str(table), "-o", "c.csv", "--size", "10", "--workers", "1", "--force"],
        ["nothing"],
    ]
    kinds = ["ascii", "posix", "full", "closed", "all closed", "head", "stranger"]
    matrix = [(command, kind) for command in commands for kind in kinds]
    picked = matrix if times >= len(matrix) else rng.sample(matrix, times)
    for command, kind in picked:
        fault = _in_place(command, kind, folder)
        yield fault and f"{kind}: {' '.join(command[:2])}: {fault}"


def strangers(folder: Path, rng: random.Random, times: int) -> Iterator[Fault | None]:
    """The commands that make models, of a user who has no home and may not write where molq lies: they work."""
    table = folder / "labelled.csv"
    smiles = [*_MOLECULES, *_CHAINS]
    table.write_text("smiles,y,Class\n" + "".join(f"{text},{i % 2},{i % 2}\n" for i, text in enumerate(smiles)))
    folder.chmod(0o777)
    labelled = ["--data", str(table), "--all-rows", "--resamples", "100"]
    small = ["--epochs", "1", "--split", "random"]
    commands = [
        ["train", str(table), "--task", "y", "--d-h", "16", *small, "-o", "t.molq", "--force"],
        ["quantize", str(MODEL), "--scheme", "w4a8", "--calibset", str(table), "-o", "q.molq", "--force"],
        ["sensitivity", str(MODEL), *labelled, "--calibset", str(table), "-o", "layers", "--force"],
        ["diagnose", "q.molq", "--reference", str(MODEL), *labelled, "--report", "page.html", "--force"],
        ["study", "--dataset", str(table), "--task", "y", *small, "--calib-size", "20", "-o", "study", "--force"],
    ]
    for i in range(times):
        fault = _in_place(commands[i % len(commands)], "stranger", folder, works=True)
        yield fault and f"{commands[i % len(commands)][0]}: {fault}"


def random_commands(folder: Path, rng: random.Random, times: int) -> Iterator[Fault | None]:
    """Random commands with random hostile files and values, as text and as JSON."""
    for i in range(times):
        words = _random_command(folder, rng, i)
        ended = molq(*words, folder=folder, stdin="smiles\nCCO\n")
        fault = fault_of(ended)
        if fault is None and ended.code not in (0, 1, 2):
            fault = f"exit code {ended.code}"
        if fault is None and ended.code == 1 and sum(line.startswith("error:") for line in ended.err.splitlines()) != 1:
            fault = f"an error of not one line: {ended.err[-300:]}"
        yield fault and f"{words}: {fault}"


def _in_place(command: list[str], kind: str, folder: Path, *, works: bool = False) -> Fault | None:
    """What is wrong with how a command ended there, ``works`` where it can do its work."""
    line = f'"{sys.executable}" -m molq {" ".join(map(_quoted, command))}'
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    before: tuple[str, ...] = ()
    if kind == "ascii":
        environment["PYTHONIOENCODING"] = "ascii"
    elif kind == "posix":
        environment |= {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    elif kind == "stranger":
        if os.geteuid() == 0:
            before = (*_STRANGER, *_READS_ALL)
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": environment["PYTHONPATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    line += {"full": " > /dev/full", "closed": " >&-", "all closed": " <&- >&- 2>&-", "head": " | head -1"}.get(
        kind, ""
    )
    try:
        done = subprocess.run(
            [*before, "/bin/bash", "-c", f"set -o pipefail; {line}"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=1200 if works else 180,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "hung"
    told = (done.stdout + done.stderr).decode(errors="replace")
    if any(mark in told for mark in (*TRACEBACKS, "Exception ignored")):
        return told[-300:]
    return None if done.returncode in ((0,) if works else (0, 1, 2)) else f"exit code {done.returncode}: {told[-200:]}"


def _random_command(folder: Path, rng: random.Random, number: int) -> list[str]:
    models = ["bace-dmpnn", "esol-dmpnn", str(MODEL), *(str(_hostile_file(folder, rng, number)) for _ in range(3))]
    values = ["-1", "0", "1", "3", "nan", "inf", "1e300", "", "\udc80", "a,b", "=", "é", "\x1b[1m", "9" * 30, "y"]

    def model() -> str:
        return rng.choice(models)

    def file() -> str:
        return str(_hostile_file(folder, rng, number))

    out = str(folder / rng.choice(["out.csv", "out.parquet", "no/such/out.csv", "out.xlsx", "out.molq"]))
    command = rng.choice(
        [
            ["info", model()],
            ["info", file(), "--verify"],
            ["data", "info", rng.choice(values)],
            ["screen", model(), file(), "-o", out, "--workers", "1"],
            ["screen", model(), file(), "-o", "-", "--workers", "1"],
            [
                "evaluate",
                model(),
                "--data",
                file(),
                "--task",
                rng.choice(["y", *values]),
                "--resamples",
                rng.choice(["100", *values]),
            ],
            ["calibset", "build", file(), "-o", out, "--size", rng.choice(["10", *values])],
            ["calibset", "validate", file(), "--against", file(), "--draws", rng.choice(["200", *values])],
            ["import", file(), "-o", out],
            ["quantize", model(), "--scheme", rng.choice(["int8", "w4a8", *values]), "--calibset", file(), "-o", out],
            ["sensitivity", model(), "--data", file()],
            ["diagnose", model(), "--reference", model(), "--data", file()],
            ["train", file(), "--task", rng.choice(["y", *values]), "--epochs", "1", "--d-h", "8", "-o", out],
        ]
    )
    options = ["--seed", "--top", "--threshold", "--smiles-column", "--format", "--columns", "--max-atoms", "--margin"]
    if rng.random() < 0.4:
        command += [rng.choice(options), rng.choice(values)]
    return [*command, *(["--json"] if rng.random() < 0.4 else []), *(["--force"] if rng.random() < 0.5 else [])]


def _hostile_file(folder: Path, rng: random.Random, number: int) -> Path:
    rows = "".join(f"{smiles},{i % 2}\n" for i, smiles in enumerate(_MOLECULES))
    contents: list[bytes] = [
        b"",
        b"\n\n\n",
        b"smiles,y\n",
        rng.randbytes(300),
        ("smiles,y\n" + rows).encode(),
        ("smiles,y\n" + rows).encode("utf-16"),
        ("smiles,y\n" + rows.replace(",1", ",x\x1b")).encode(),
        ("a,b\n" + rows.replace("C", "?")).encode(),
        b'smiles,y\n"CCO,1\nCC',
        b"PK\x03\x04" + rng.randbytes(80),
        b"\x1f\x8b\x08" + rng.randbytes(80),
        b"PAR1" + rng.randbytes(60) + b"PAR1",
        MODEL.read_bytes()[: rng.randrange(2000)],
        json.dumps({"a": [1] * 50}).encode(),
        b"\x80\x04" + rng.randbytes(60) + b".",
        ("smiles,y\n" + "CCO,\n" * 30).encode(),
        ("smiles,y\n" + "CCO,1\n" * 30).encode(),
    ]
    name = f"f{number}-{rng.randrange(10**6)}" + rng.choice(
        [".csv", ".smi", ".sdf", ".parquet", ".molq", ".gz", ".pt", ""]
    )
    path = folder / name
    if rng.random() < 0.05:
        path.mkdir()
    elif rng.random() < 0.95:
        path.write_bytes(rng.choice(contents))
    return path


def _table(path: Path, smiles: list[str]) -> Path:
    path.write_text("smiles,y\n" + "".join(f"{text},{i % 2}\n" for i, text in enumerate(smiles)))
    return path


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


TRIALS: list[Trial] = [
    Trial("a molecule on which RDKit raises", poison, times=7, quick=1),
    Trial("files whose words move the cursor", forged, times=7, quick=2),
    Trial("closed, full and ASCII streams, no home, no such user", places, times=77, quick=3),
    Trial("commands that make models, without a home or leave to write", strangers, times=5, quick=0),
    Trial("random commands with hostile files", random_commands, times=300, quick=4),
]
