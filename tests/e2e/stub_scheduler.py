"""A stand-in for Slurm: ``sbatch [--array=1-4,7] SCRIPT`` runs the tasks of an array as processes, in random order."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

_ARRAY = re.compile(r"--array=([\d,-]+)")


def main() -> None:
    options, script = sys.argv[1:-1], Path(sys.argv[-1]).read_text()
    found = _ARRAY.search(" ".join(options)) or _ARRAY.search(script)
    assert found is not None
    tasks = [task for part in found[1].split(",") for task in _tasks(part)]
    cpus = re.search(r"--cpus-per-task=(\d+)", script)
    assert cpus is not None
    random.Random(1).shuffle(tasks)
    for task in tasks:
        environment = {
            **os.environ,
            "SLURM_ARRAY_JOB_ID": "1",
            "SLURM_ARRAY_TASK_ID": str(task),
            "SLURM_ARRAY_TASK_COUNT": str(len(tasks)),
            "SLURM_ARRAY_TASK_MIN": str(min(tasks)),
            "SLURM_ARRAY_TASK_MAX": str(max(tasks)),
            "SLURM_CPUS_PER_TASK": cpus[1],
        }
        with Path(f"slurm-1_{task}.out").open("wb") as log:
            subprocess.run(["bash", sys.argv[-1]], env=environment, stdout=log, stderr=log, check=False)


def _tasks(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main()
