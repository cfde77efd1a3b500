"""The Slurm script of docs/cluster.md, run by a stand-in for the scheduler."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from molq.screening.shards.scheduler import shard_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cluster.md").read_text()


def script() -> str:
    found = re.search(r"```bash\n(#!/bin/bash\n.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """A directory with the commands sbatch and molq, a library, and the script of the page."""
    (tmp_path / "bin").mkdir()
    command("sbatch", f'exec {sys.executable} {Path(__file__).with_name("stub_scheduler.py")} "$@"', tmp_path)
    rows = [f"{'C' * (1 + i % 17)}{'O' * (i % 3)},M{i}\n" for i in range(200)]
    (tmp_path / "library.csv").write_text("smiles,id\n" + "".join(rows))
    return tmp_path


def command(name: str, line: str, folder: Path) -> None:
    path = folder / "bin" / name
    path.write_text(f"#!/bin/bash\n{line}\n")
    path.chmod(0o755)


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_every_task_of_the_array_is_a_shard_of_its_own(cluster):
    command("molq", 'echo "$SLURM_ARRAY_TASK_ID $@" >> calls', cluster)
    (cluster / "screen.sh").write_text(script())
    done = run("sbatch screen.sh", cluster)
    assert done.returncode == 0, done.stderr
    calls = [line.split() for line in (cluster / "calls").read_text().splitlines()]
    shards = {shard_of(words[words.index("--shard") + 1], {"SLURM_ARRAY_TASK_ID": words[0]}) for words in calls}
    assert sorted(shard.number for shard in shards) == list(range(1, 201))
    assert {shard.count for shard in shards} == {200}
    assert all(words[1:3] == ["screen", "model.molq"] and words[-2:] == ["--workers", "2"] for words in calls)


@pytest.mark.slow
def test_the_page_end_to_end(cluster):
    command(
        "molq",
        f'[ "$SLURM_ARRAY_TASK_ID" = "${{FAILS:-none}}" ] && exit 137\nexec {sys.executable} -m molq "$@"',
        cluster,
    )
    text = script().replace("200", "4").replace("model.molq", "bace-dmpnn").replace("library.parquet", "library.csv")
    (cluster / "screen.sh").write_text(text)
    run("FAILS=3 sbatch screen.sh", cluster)
    merged = run("molq merge scores/ -o scores.csv", cluster)
    assert merged.returncode == 1
    assert "1 of 4 shards is missing: 3;" in merged.stderr, merged.stderr
    run("sbatch --array=3 screen.sh", cluster)
    merged = run("molq merge scores/ -o scores.csv", cluster)
    assert merged.returncode == 0, merged.stderr
    alone = run("molq screen bace-dmpnn library.csv -o one.csv --workers 1", cluster)
    assert alone.returncode == 0, alone.stderr
    assert (cluster / "scores.csv").read_bytes() == (cluster / "one.csv").read_bytes()
