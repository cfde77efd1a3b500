"""A store that fails on purpose: a library screened from it into it, and whether the bytes are the same.

moto's S3 server runs on this machine behind a proxy that fails for a share of the requests: errors of the server,
requests to slow down, silence, answers cut short, connections that end, and requests carried out whose answer is lost.
Each screen gives the bytes of a local run, or ends with one line and is resumed until it does.

    python bench/stores.py --rows 20000 --rounds 10 > bench/out/stores.md
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from s3_server import Failures, failing, s3_server  # type: ignore[import-not-found]  # noqa: E402

from molq.data.sources import library_smiles  # noqa: E402
from molq.files import open_file  # noqa: E402
from molq.remote.listing import objects_below  # noqa: E402
from molq.remote.writing import put  # noqa: E402

MOST_RESUMED = 20
FORMS = ("out.csv", "out.csv.gz", "out.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rates", type=float, nargs="*", default=[0.0, 0.05])
    options = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    with tempfile.TemporaryDirectory() as place, s3_server() as endpoint:
        folder = Path(place)
        library = made_library(folder, options.rows)
        local = {name: screened(str(library), str(folder / name)) for name in FORMS}
        print(f"{options.rows:,} rows of zinc-sample, bace-dmpnn, shards of 2,000 rows, 1 worker.\n")
        print("| requests that fail | screens | same bytes | resumed | requests | failed | s, median | s, local |")
        print("|---:|---:|---:|---:|---:|---:|---:|---:|")
        for rate in options.rates:
            print(row_of(folder, library, endpoint, rate, options.rounds, local), flush=True)


def row_of(
    folder: Path, library: Path, endpoint: str, rate: float, rounds: int, local: dict[str, tuple[float, str]]
) -> str:
    """A line of the table. Raises SystemExit where a screen gave other bytes or left something behind."""
    seconds, n_resumed, n_requests, n_failed = [], 0, 0, 0
    for number in range(rounds):
        name = FORMS[number % len(FORMS)]
        bucket = f"bench-{round(rate * 100)}-{number}"
        with urlopen(Request(f"{endpoint}/{bucket}", method="PUT"), timeout=30):
            os.environ["AWS_ENDPOINT_URL"] = endpoint
        put(library.read_bytes(), f"s3://{bucket}/library.csv")
        failures = Failures(rate=rate, seed=number, silence_s=35.0)
        started = time.perf_counter()
        with failing(endpoint, failures) as proxy:
            os.environ["AWS_ENDPOINT_URL"] = proxy
            error = screened(f"s3://{bucket}/library.csv", f"s3://{bucket}/{name}")[1]
            while error and n_resumed < MOST_RESUMED:
                n_resumed += 1
                error = screened(f"s3://{bucket}/library.csv", f"s3://{bucket}/{name}", "--resume")[1]
        seconds.append(time.perf_counter() - started)
        os.environ["AWS_ENDPOINT_URL"] = endpoint
        n_requests += len(failures.seen)
        n_failed += failures.failed.total()
        with open_file(f"s3://{bucket}/{name}") as file:
            if file.read() != (folder / name).read_bytes():
                raise SystemExit(f"{bucket}/{name} has other bytes")
        left = objects_below(f"s3://{bucket}")
        if left != [f"s3://{bucket}/library.csv", f"s3://{bucket}/{name}"]:
            raise SystemExit(f"something was left behind: {left}")
    middle = sorted(seconds)[len(seconds) // 2]
    alone = sorted(found[0] for found in local.values())[len(local) // 2]
    counts = f"{rounds} | {rounds} | {n_resumed} | {n_requests:,} | {n_failed:,}"
    return f"| {rate:.0%} | {counts} | {middle:.1f} | {alone:.1f} |"


def made_library(folder: Path, n_rows: int) -> Path:
    """The molecules of zinc-sample so often that there are enough, one row in a hundred a bad one."""
    smiles = library_smiles("zinc-sample")
    rows = ["C(" if row % 100 == 7 else smiles[row % len(smiles)] for row in range(n_rows)]
    path = folder / "library.csv"
    path.write_text("smiles,id\n" + "".join(f"{text},M{row}\n" for row, text in enumerate(rows)))
    return path


def screened(library: str, output: str, *more: str) -> tuple[float, str]:
    """Seconds, and the line with which it ended where it failed."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "molq", "screen", "bace-dmpnn", library, "-o", output, "--workers", "1"]
    done = subprocess.run(
        [*command, "--shard-rows", "2000", *more], capture_output=True, text=True, check=False, timeout=1800
    )
    error = "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]
    if "Traceback" in done.stderr or (error and not error.startswith("error: ")):
        raise SystemExit(done.stderr)
    return time.perf_counter() - started, error


if __name__ == "__main__":
    main()
