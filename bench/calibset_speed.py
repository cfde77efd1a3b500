"""CPU seconds of calibset build --match and calibset validate on a large library: RDKit reading it, and the fast path.

Whole calls in one process, alternating; the chosen sets and verdicts must be the same.

    python bench/calibset_speed.py                     a million rows of MOSES: ten minutes
    python bench/calibset_speed.py --rows 20000        a minute
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from unittest import mock

import molq
from molq.chem.fastpath.compiling import compile_now
from molq.chem.featurize import Featurizer
from molq.chem.table import read_table
from molq.data.locate import locate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    compile_now()
    library = read_table(locate("moses")).read_smiles[: options.rows]
    print(f"{len(library):,} rows of moses, sets of 200 molecules of bace, one process, CPU seconds.\n")
    print("| | RDKit reads | the fast path reads | ratio |")
    print("|---|---:|---:|---:|")
    calib = molq.calibration_set("bace", match=library[:1000])
    line("calibset build --match", lambda: molq.calibration_set("bace", match=library).smiles, options.rounds)
    line("calibset validate", lambda: calib.validate(library, draws=200).verdict, options.rounds)


def line(name: str, call: Callable[[], object], rounds: int) -> None:
    """A line of the table. Raises AssertionError where the two give different results."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    found = []
    for k in range(2 * rounds):
        by_rdkit = k % 4 in (0, 3)
        featurizer = Featurizer(audit_rate=None) if by_rdkit else Featurizer()
        with mock.patch("molq.chem.featurize._shared_featurizer", lambda one=featurizer: one):
            start = time.process_time()
            found.append(call())
            seconds[by_rdkit].append(time.process_time() - start)
    assert all(one == found[0] for one in found)
    slow, fast = median(seconds[True]), median(seconds[False])
    print(f"| {name} | {slow:.0f} | {fast:.0f} | {slow / fast:.2f} |", flush=True)


if __name__ == "__main__":
    main()
