"""Whole screens with a wide network: molq screen against chemprop predict, from SMILES to scores, same weights.

The network has the size of a foundation model (width 2048, depth 6) and freshly initialised weights: its arithmetic is
that of a trained one. Both run with all cores; times are of whole commands. "without" start-up as in bench/screen.py.

    python bench/wide.py                 4,000 rows of MOSES: about five minutes
    python bench/wide.py --rows 500
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from screen import FEW_ROWS, Measured, chemprop, head_of, molq, print_head, show, write_rows
from untrained import models

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme
from molq.store.card import Card
from molq.store.molqfile import save

N_CALIBRATION = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--schemes", nargs="+", default=["fp32", "int8"])
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    print(
        f"{options.rows:,} rows of moses, width {options.width}, depth {options.depth}, {options.workers} processes\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = write_rows("moses", options.rows, folder / "library.csv")
        few = head_of(library, FEW_ROWS, folder / "few.csv")
        _, predictor = models(options.width, options.depth, folder)
        smiles = library.read_text().splitlines()[1:]
        calibration = [featurize(smiles[-N_CALIBRATION:]).graphs]
        print_head()
        theirs = show(chemprop("chemprop predict", folder / "model.pt", library, few, options.rows, folder))
        ours = [show(screened(scheme, predictor, calibration, library, options, folder)) for scheme in options.schemes]
        print()
        for line in ours:
            print(
                f"- {line.name}: {line.rate / theirs.rate:.1f} times chemprop without start-up, "
                f"{line.rate_with_startup / theirs.rate_with_startup:.1f} times with"
            )


def screened(
    scheme: str, predictor: Predictor, calibration: list[PackedGraphs], library: Path, options: argparse.Namespace,
    folder: Path,
) -> Measured:  # fmt: skip
    """molq screen with the network in one scheme."""
    path = folder / f"{scheme}.molq"
    save(path, quantize(predictor, get_scheme(scheme), calibration), Card(scheme))
    done = molq("screen", path, library, "-o", folder / f"{scheme}.csv", "--workers", options.workers)
    return Measured(
        f"molq {scheme}", options.rows, done["wall_s"], options.rows / done["wall_s"],
        done["mols_per_s"], done["peak_rss_mb"], done["peak_pss_mb"], None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
