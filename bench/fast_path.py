"""The fast path beside RDKit: every molecule of every public set, other spellings, other toolkits, mutations, and time.

Compared are all bytes of the packed graphs of the molecules that the fast path accepts with those that RDKit's parser
gives (through cuik_molmaker, which the tests hold against plain RDKit). "differ" counts accepted molecules of other
bytes, "wrongly" those that RDKit rejects.

    python bench/fast_path.py                     half an hour on two cores
    python bench/fast_path.py --spelled 2000 --mutated 20000 --sets bace hiv
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.cuik_featurize import featurize_with_cuik
from molq.chem.fastpath.compiling import compile_now
from molq.chem.featurize import Featurizer
from molq.chem.packed import PackedGraphs, slice_graphs, take
from molq.data.labels import load_dataset
from molq.data.registry import dataset_info
from molq.data.sources import library_smiles
from molq.records.cells import cells_of
from molq.report.table import Table

SETS = (
    "moses", "moses-test", "moses-test-scaffolds", "zinc250k", "muv", "hiv", "litpcba-mapk1", "tox21", "bace", "bbbp",
    "clintox", "sider", "esol", "freesolv", "lipophilicity",
)  # fmt: skip
ENAMINE = "enamine50k_scores.csv.gz"  # used where it lies in $MOLQ_DATA_DIR
BATCH = 10_000
ALPHABET = "CNOSPFIclBrnos[]()=#-+@/\\123456789%.:H"


class Tally:
    """How many molecules were compared, and what came of it."""

    def __init__(self) -> None:
        self.n = self.accepted = self.differ = self.wrongly = 0
        self.examples: list[str] = []

    def add(self, other: Tally) -> Tally:
        for name in ("n", "accepted", "differ", "wrongly"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.examples = (self.examples + other.examples)[:5]
        return self

    def cells(self, name: str) -> tuple[str, ...]:
        share = self.accepted / max(self.n, 1)
        return name, f"{self.n:,}", f"{share:.2%}", str(self.differ), str(self.wrongly)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", default=SETS, help="data sets by name, or files")
    parser.add_argument("--spelled", type=int, default=200_000, help="molecules to be spelled anew, ten times each")
    parser.add_argument("--mutated", type=int, default=1_000_000, help="mutated SMILES")
    parser.add_argument("--timed", type=int, default=50_000, help="molecules to be timed")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    enamine = Path(os.environ.get("MOLQ_DATA_DIR", ".")) / ENAMINE
    if options.sets is SETS and enamine.is_file():
        options.sets = (*SETS, str(enamine))
    rows, pool = [], []
    rng = random.Random(options.seed)
    tallies = []
    with ProcessPoolExecutor(options.workers, get_context("fork"), _begin) as workers:
        for name in options.sets:
            smiles = smiles_of(name)
            tallies.append(total(workers.map(compare, batches(smiles))))
            rows.append(tallies[-1].cells(Path(name).name.split(".")[0]))
            pool += rng.sample(smiles, min(len(smiles), 60_000))
        chosen = rng.sample(pool, min(len(pool), options.spelled))
        jobs = [(part, options.seed + i) for i, part in enumerate(batches(chosen, 500))]
        for name, kind in (("spelled anew by RDKit", compare_spellings), *other_toolkits()):
            tallies.append(total(workers.map(kind, jobs)))
            rows.append(tallies[-1].cells(name))
        per_job = max(options.mutated // max(len(jobs), 1), 1)
        tallies.append(total(workers.map(compare_mutations, [(*job, per_job) for job in jobs])))
        rows.append(tallies[-1].cells("mutated"))
    header = ("molecules", "n", "accepted", "differ", "wrongly")
    print(Table(header, tuple(rows)).to_markdown())
    for example in itertools.chain.from_iterable(tally.examples for tally in tallies):
        print(f"- otherwise than RDKit: `{example}`")
    print()
    for name in [name for name in ("moses", "zinc250k") if name in options.sets]:
        print(timed(name, smiles_of(name)[: options.timed]))


def smiles_of(name: str) -> list[str]:
    """All SMILES of a data set, as written."""
    if Path(name).is_file() or dataset_info(name).kind == "library":
        return library_smiles(name)
    labelled = load_dataset(name)
    return [*labelled.smiles, *(refused.smiles for refused in labelled.rejected)]


def batches(items: list[str], size: int = BATCH) -> Iterator[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def total(tallies: Iterable[Tally]) -> Tally:
    result = Tally()
    for tally in tallies:
        result.add(tally)
    return result


_featurizer: Featurizer


def _begin() -> None:
    global _featurizer
    _featurizer = Featurizer(audit_rate=0)


def compare(smiles: list[str]) -> Tally:
    """The fast path's graphs of a batch beside RDKit's."""
    graphs, is_sure = sure(smiles)
    tally = Tally()
    places = np.flatnonzero(is_sure)
    tally.n, tally.accepted = len(smiles), len(places)
    judged = featurize_with_cuik([smiles[i] for i in places])
    for refused in judged.rejected:
        tally.wrongly += 1
        tally.examples.append(refused.smiles)
    ours = take(graphs, judged.index)
    if not same(ours, judged.graphs):
        for k, i in enumerate(judged.index.tolist()):
            if not same(slice_graphs(ours, k, k + 1), slice_graphs(judged.graphs, k, k + 1)):
                tally.differ += 1
                tally.examples.append(smiles[places[i]])
    return tally


def sure(smiles: list[str]) -> tuple[PackedGraphs, NDArray[np.bool_]]:
    encoded = [text.encode() for text in smiles]
    sizes = np.array([len(text) for text in encoded], np.int64)
    stops = np.cumsum(sizes)
    return _featurizer.pack_sure(np.frombuffer(b"".join(encoded), np.uint8), stops - sizes, stops, 1000)


def same(ours: PackedGraphs, theirs: PackedGraphs) -> bool:
    return all(np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in PackedGraphs._fields)


def compare_spellings(job: tuple[list[str], int]) -> Tally:
    """Ten spellings of each molecule: random, explicit bonds, hydrogens, Kekulé, maps, ring labels up to 99."""
    smiles, seed = job
    return compare([text for mol in parsed(smiles) for text in spellings(mol, random.Random(seed))])


def parsed(smiles: list[str]) -> Iterator[Chem.Mol]:
    with BlockLogs():
        for text in smiles:
            if (mol := Chem.MolFromSmiles(text)) is not None:
                yield mol


def spellings(mol: Chem.Mol, rng: random.Random) -> Iterator[str]:
    for _ in range(4):
        yield Chem.MolToSmiles(mol, doRandom=True)
    yield relabelled(Chem.MolToSmiles(mol, doRandom=True), rng.randint(10, 80))
    yield Chem.MolToSmiles(mol, doRandom=True, allBondsExplicit=True)
    yield Chem.MolToSmiles(mol, doRandom=True, allHsExplicit=True)
    mapped = Chem.Mol(mol)
    for atom in mapped.GetAtoms():
        atom.SetAtomMapNum(rng.randint(0, 9))
    yield Chem.MolToSmiles(mapped, doRandom=True)
    kekule = Chem.Mol(mol)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    yield Chem.MolToSmiles(kekule, doRandom=True, kekuleSmiles=True)
    yield Chem.MolToSmiles(kekule, doRandom=True, kekuleSmiles=True, allBondsExplicit=True)


def relabelled(text: str, first: int) -> str:
    """The same with ring labels of two digits from ``first`` on."""
    out, in_bracket, at = [], False, 0
    while at < len(text):
        character = text[at]
        in_bracket = (in_bracket or character == "[") and character != "]"
        if character == "%":
            out.append(f"%{(int(text[at + 1 : at + 3]) + first) % 100:02d}")
            at += 3
            continue
        out.append(f"%{int(character) + first:02d}" if character.isdigit() and not in_bracket else character)
        at += 1
    return "".join(out)


def other_toolkits() -> list[tuple[str, Callable[[tuple[list[str], int]], Tally]]]:
    """The dialects of the toolkits that are installed."""
    found: list[tuple[str, Callable[[tuple[list[str], int]], Tally]]] = []
    try:
        import openbabel.pybel  # noqa: F401

        found.append(("written by Open Babel", compare_openbabel))
    except ImportError:
        print("Open Babel is not installed: its dialect is left out (pip install openbabel-wheel)")
    try:
        import indigo  # noqa: F401

        found.append(("written by Indigo", compare_indigo))
    except ImportError:
        print("Indigo is not installed: its dialect is left out (pip install epam.indigo)")
    return found


def compare_openbabel(job: tuple[list[str], int]) -> Tally:
    import openbabel.pybel as pybel
    from openbabel import openbabel

    openbabel.obErrorLog.StopLogging()
    texts = []
    for smiles in job[0]:
        try:
            mol = pybel.readstring("smi", smiles)
        except OSError:
            continue
        texts += [
            mol.write(kind, opt=options).split()[0] for kind, options in (("smi", {}), ("can", {}), ("smi", {"k": ""}))
        ]
    return compare(texts)


def compare_indigo(job: tuple[list[str], int]) -> Tally:
    from indigo import Indigo, IndigoException

    indigo, texts = Indigo(), []
    for smiles in job[0]:
        try:
            mol = indigo.loadMolecule(smiles)
            texts += [mol.smiles().split()[0], mol.canonicalSmiles().split()[0]]
            mol.dearomatize()
            texts.append(mol.smiles().split()[0])
        except (IndigoException, IndexError):
            continue
    return compare(texts)


def compare_mutations(job: tuple[list[str], int, int]) -> Tally:
    """SMILES with one to three characters deleted, inserted, replaced or swapped."""
    smiles, seed, n = job
    rng = random.Random(seed)
    return compare([mutated(rng.choice(smiles), rng) for _ in range(n)])


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        text = rng.choice(
            (
                text[:at] + text[at + 1 :],
                text[:at] + rng.choice(ALPHABET) + text[at:],
                text[:at] + rng.choice(ALPHABET) + text[at + 1 :],
                text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
            )
        )
    return text


def timed(name: str, smiles: list[str], rounds: int = 7) -> str:
    """SMILES to packed graphs in one thread, ring systems known, beside MolFromSmiles, in alternating rounds."""
    compile_now()
    featurizer = Featurizer(audit_rate=0)
    chunks = [cells_of(smiles[at : at + 512]) for at in range(0, len(smiles), 512)]
    for chunk in chunks:
        featurizer.featurize(chunk)
    ours, theirs = [], []
    few = smiles[: len(smiles) // 10]
    for _ in range(rounds):
        start = time.perf_counter()
        for chunk in chunks:
            featurizer.featurize(chunk)
        middle = time.perf_counter()
        with BlockLogs():
            for one in few:
                Chem.MolFromSmiles(one)
        ours.append((middle - start) / len(smiles))
        theirs.append((time.perf_counter() - middle) / len(few))
    our, their = statistics.median(ours), statistics.median(theirs)
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    return (
        f"- {name}: {our * 1e6:.1f} µs a molecule, MolFromSmiles {their * 1e6:.1f}: {ratio:.1f} times as fast "
        f"(what RDKit is asked about included; medians of {rounds} rounds)"
    )


if __name__ == "__main__":
    main()
