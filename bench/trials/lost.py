"""Lost files: outputs that overwrite each other, an input, or what a user had there."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from trials.trial import MODEL, Fault, Trial, fault_of, molq

MINE = "a user's own"
LIBRARY = "smiles,id,price\nCCO,a,=1+1\nCCN,b,-2\nc1ccccc1O,c,@x\nCCCl,d,+3\n"
NAMES = (
    ("IC50 (nM)", "IC50_nM_"),
    ("Ki", "KI"),
    ("α-glucosidase", "β-glucosidase"),
    ("a/b", "a\\b"),
    ("n" * 400, "n" * 401),
    ("smiles", "id", "row", "rejected", "task_row"),
    ("price", "input_price"),
)
OUTPUTS = ("out.csv", "out.csv.gz", "out.parquet", "-")

MAKE_MODEL = """
import sys
from molq.nn.config import PredictorConfig
from molq.nn.predictor import Predictor
from molq.store.card import Card
from molq.store.molqfile import save
save(sys.argv[1], Predictor(PredictorConfig("dmpnn", tuple(sys.argv[2:]), "regression", d_h=8)).eval(), Card("m"))
"""


def _prepare(folder: Path, *tasks: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lib.csv").write_text(LIBRARY)
    model = folder / "m.molq"
    if tasks and not model.exists():
        subprocess.run([sys.executable, "-c", MAKE_MODEL, model, *tasks], check=True, capture_output=True)
    return model if tasks else MODEL


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_of_tasks(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Every name and every output: one file a task, and the same columns in all."""
    for i in range(times):
        tasks = NAMES[i % len(NAMES)]
        here = folder / str(i)
        model = _prepare(here, *tasks)
        headers = set()
        for output in OUTPUTS:
            ended = molq(
                "screen", model, "lib.csv", "-o", output, "--columns", "price", "--workers", "1", "--force", folder=here
            )
            yield fault_of(ended, refused=False)
            headers.add(_header(here / output, ended.out))
        yield None if len(headers) == 1 else f"{tasks}: other columns in other outputs: {headers}"
        yield fault_of(molq("screen", model, "lib.csv", "-o", "top.csv", "--top", "2", folder=here), refused=False)
        written = [path for path in here.glob("top.*.csv") if path.stat().st_size]
        yield None if len(written) == len(tasks) else f"{len(written)} files for the tasks {tasks}"


def _header(path: Path, printed: str) -> tuple[str, ...]:
    import pandas as pd

    if path.name == "-":
        return tuple(printed.splitlines()[0].split(","))
    return tuple((pd.read_parquet if path.suffix == ".parquet" else pd.read_csv)(path).columns)


def names_given_twice(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """--task and --columns with one name twice, to every kind of output."""
    model = _prepare(folder, "a", "b")
    for i in range(times):
        given = (["--task", "a", "--task", "a"], ["--columns", "price,price"])[i % 2]
        output = OUTPUTS[i // 2 % len(OUTPUTS)]
        yield fault_of(
            molq("screen", model, "lib.csv", "-o", output, *given, folder=folder), refused=True, saying="twice"
        )
        yield None if not (folder / output).exists() else "an output is there"


def inputs_as_outputs(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """Outputs that are inputs: by links, as the file of a task, by the name of a data set, through standard input."""
    model = _prepare(folder, "p", "q")
    os.link(folder / "lib.csv", folder / "hard.csv")
    (folder / "soft.csv").symlink_to("lib.csv")
    (folder / "top.q.csv").write_text(LIBRARY)
    os.link(model, folder / "hard.molq")
    environment = {"MOLQ_DATA_DIR": str(folder)}
    screen = ("screen", model, "lib.csv", "--force", "-o")
    commands = [
        (*screen, "hard.csv"),
        (*screen, "soft.csv"),
        ("screen", model, "top.q.csv", "-o", "top.csv", "--top", "2", "--force"),
        ("calibset", "build", "lib.csv", "--size", "2", "-o", "hard.csv", "--force"),
        ("calibset", "validate", "hard.csv", "--against", "bace", "-o", "lib.csv", "--force"),
        ("quantize", model, "--scheme", "fp16", "-o", "hard.molq", "--force"),
        ("train", "lib.csv", "--task", "price", "-o", "hard.csv", "--force"),
        ("diagnose", model, "--reference", MODEL, "--data", "lib.csv", "--report", "soft.csv", "--force"),
        ("import", "hard.molq", "-o", "m.molq", "--force"),
    ]
    before = _contents(folder)
    for i in range(times):
        ended = molq(*commands[i % len(commands)], folder=folder, environment=environment)
        yield fault_of(ended, refused=True, saying="is an input")
        yield None if _contents(folder) == before else f"{commands[i % len(commands)]}: a file changed"


def what_a_user_has_there(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A folder, a file and a link that are called as the folder of a run, and files in the folder of a study."""
    model = _prepare(folder)
    for i in range(times):
        here = folder / str(i)
        _prepare(here)
        run, other = here / "out.csv.molq-run", here / "other"
        command: tuple[object, ...] = ("screen", model, "lib.csv", "-o", "out.csv", "--workers", "1", "--force")
        match i % 5:
            case 0 | 1:
                place = (run, other)[i % 5]
                (place / "deep").mkdir(parents=True)
                for name in ("part", "manifest.json", "lock", "notes.txt", "deep/part"):
                    (place / name).write_text(MINE)
                if place is other:
                    run.symlink_to(other)
            case 2:
                run.write_text(MINE)
            case _:
                name = ("report.html", "calibset.csv")[i % 5 - 3]
                (here / "s").mkdir()
                (here / "s" / name).write_text(MINE)
                command = ("study", "--dataset", "bace", "--model", model, "-o", "s")
        before = _contents(here)
        yield fault_of(molq(*command, folder=here), refused=True)
        yield None if _contents(here) == before else f"trial {i}: a user's file changed"


def disks_that_fill(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """A file system of 64 kB, or else a limit on the size of files: old outputs stay whole, and nothing is left."""
    _prepare(folder)
    (folder / "set.smi").write_text("".join(f"{'C' * n}O\n" for n in range(1, 41)))
    small = folder / "small"
    small.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    mounted = os.name == "posix" and os.geteuid() == 0 and not subprocess.run(mounting, capture_output=True).returncode
    bound = None if mounted else (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    commands: list[tuple[object, ...]] = [
        ("quantize", MODEL, "--scheme", "fp16"),
        ("calibset", "build", "bace", "--size", "1000"),
        ("calibset", "validate", "set.smi", "--against", "bace", "--draws", "200"),
        ("screen", MODEL, "bace", "--workers", "1"),
        ("screen", MODEL, "bace", "--workers", "1", "--top", "1500"),
    ]
    try:
        for i in range(times):
            command = commands[i % len(commands)]
            kept = small / ("keep.csv" if command[0] in ("screen", "calibset") else "keep.molq")
            kept.write_text(MINE)
            (small / "ballast").write_bytes(b"x" * 48_000)
            limit = None if bound is None else (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, bound))
            ended = subprocess.run(
                [sys.executable, "-m", "molq", *map(str, command), "-o", str(kept), "--force"],
                cwd=folder,
                capture_output=True,
                text=True,
                preexec_fn=limit,
            )
            one_line = ended.returncode == 1 and "Traceback" not in ended.stderr and "cannot be written" in ended.stderr
            yield None if one_line else f"{command}: ended with {ended.returncode}: {ended.stderr.strip()[-200:]}"
            found = {name: text for name, text in _contents(small).items() if ".molq-run/" not in name}  # to go on from
            kept_whole = found.pop(kept.name) == MINE.encode() and set(found) == {"ballast"}
            yield None if kept_whole else f"{command}: left {set(found)}"
            kept.unlink()
    finally:
        if mounted:
            subprocess.run(["umount", str(small)], check=True)


def outputs_that_appear(folder: Path, chance: random.Random, times: int) -> Iterator[Fault | None]:
    """An output that appears while a command works stays, and what the command has made is in a file beside."""
    for i in range(times):
        here = folder / str(i)
        here.mkdir()
        os.mkfifo(here / "pool.csv")
        command = [sys.executable, "-m", "molq", "calibset", "build", "pool.csv", "--size", "5", "-o", "out.csv"]
        process = subprocess.Popen(command, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        pipe = _writing_end(here / "pool.csv", process)  # opened by the command when it has looked at its output
        if pipe is not None:
            (here / "out.csv").write_text(MINE)
            os.write(pipe, ("smiles,x\n" + "".join(f"{'C' * n}O,{n}\n" for n in range(1, 41))).encode())
            os.close(pipe)
        told = process.communicate(timeout=120)[1]
        if process.returncode != 1 or "appeared meanwhile" not in told:
            yield f"ended with {process.returncode}: {told[-200:]}"
        elif (here / "out.csv").read_text() != MINE:
            yield "a file that appeared is overwritten"
        else:
            yield None if (here / "out-1.csv").exists() else "what was made is lost"


def _writing_end(pipe: Path, process: subprocess.Popen[str]) -> int | None:
    """The pipe, as soon as the process reads it; None when the process ends without."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads it yet
            time.sleep(0.01)
    return None


TRIALS: list[Trial] = [
    Trial("names of tasks in every output", names_of_tasks, 7, 1),
    Trial("a name given twice", names_given_twice, 8, 1),
    Trial("an input as the output", inputs_as_outputs, 9, 2),
    Trial("what a user has where molq writes", what_a_user_has_there, 5, 2),
    Trial("a disk that fills up", disks_that_fill, 5, 1),
    Trial("an output that appears while a command works", outputs_that_appear, 6, 1),
]
