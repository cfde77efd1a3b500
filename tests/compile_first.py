"""Compiles once what every process of the tests would compile for itself: Numba's kernels, and the tests."""

from __future__ import annotations

import subprocess
import sys

import molq
from molq.chem.fastpath.compiling import compile_now

MOLECULES = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O"]

if __name__ == "__main__":
    compile_now()
    model = molq.load("bace-dmpnn")
    for made in (model, model.quantize("int8-dynamic"), model.quantize("int8", ["C" * n for n in range(1, 13)])):
        made.predict(MOLECULES)
        made.contributions(MOLECULES)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # where it fails, the tests say so
