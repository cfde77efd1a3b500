"""What `molq calibset validate` finds of sets that are wrong in part, and what such sets cost the int8 scores.

    python bench/partial_power.py [--libraries hiv,moses,zinc250k] [--sizes 50,100,200,500] [--rounds 4] [--seed 0]
                                  [--sample 3000] [--model models/bace-dmpnn.molq]
                                  [--data molq/calibset/detection.csv]

Every library is described once, by a draw of 3,000 of its molecules. Sets are drawn from these, intact, or lacking a
part of the library, or with a share of molecules from another library in it, and judged by their chemistry beside 200
random draws. The model is quantized to int8 with the ranges of each set of the usual size (200) and executed on
molecules of the library. Prints Markdown tables: the share of sets called marginal or worse with its 95%
Clopper-Pearson interval, and what the scores lose. Writes the counts of the first to --data, from which verdicts take
what they cannot see; after every round of 15 sets of each kind, so that a run may be ended when it has told enough.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sklearn
from numpy.typing import NDArray
from validate_power import FRAGMENT_ATOMS, interval, largest_scaffold, read

from molq.calibset.blind_spots import Detection
from molq.calibset.encoding import Encoded
from molq.calibset.reference import Null, Reference, describe, draw_null
from molq.calibset.verdict import judge
from molq.chem.packed import take
from molq.chem.properties import PROPERTIES
from molq.quant.calibrate import Site
from molq.quant.scheme import get_scheme
from molq.store.molqfile import Loaded, load
from molq.workflows.validity.outcome import Outcome
from molq.workflows.validity.profile import Profiler

USUAL_SIZE = 200
SHARES = {50: (0.1, 0.2, 0.3, 0.5), 100: (0.1, 0.2, 0.3, 0.5), 200: (0.1, 0.2, 0.3, 0.5), 500: (0.05, 0.1, 0.2, 0.3)}
"""of foreign molecules in sets of a size"""
DRAWS = 200
SETS_A_ROUND = 15
SCORED = 1_000
EXECUTED = 15
"""sets of a kind that the model is quantized with"""
LEAST_POOL = 400
"""molecules that sets are drawn from"""
HEAVIEST = "heaviest tenth absent"
FRAGMENTS = f"fragments only (at most {FRAGMENT_ATOMS} atoms)"


class Fault(NamedTuple):
    """A way to draw sets: from the library's molecules ``own``, a share of them replaced by those of another."""

    kind: str
    other: str = ""
    share: float = 0.0
    own: NDArray[np.int64] | None = None
    """None for all"""


class Cost(NamedTuple):
    """What the scores of the int8 model lose, over sets of one kind: median and middle 90%."""

    library: str
    fault: Fault
    disagreement: tuple[float, float, float]
    hits_lost: tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", default="hiv,moses,zinc250k")
    parser.add_argument("--sizes", default="50,100,200,500")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--sample", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="models/bace-dmpnn.molq")
    parser.add_argument("--data", type=Path, default=Path("molq/calibset/detection.csv"))
    options = parser.parse_args()
    sklearn.set_config(skip_parameter_validation=True, assume_finite=True)
    sizes = [int(size) for size in options.sizes.split(",")]
    references = {name: described(name, options.seed, options.sample) for name in options.libraries.split(",")}
    libraries = [Library(name, references) for name in references]
    trials = [Trial(library, fault, size) for library in libraries for size in sizes for fault in library.faults(size)]
    for i in range(options.rounds):
        for size in sorted(sizes, key=lambda size: size != USUAL_SIZE):
            for trial in trials:
                if trial.found.size == size:
                    trial.go_on(SETS_A_ROUND)
            write([trial.found for trial in trials if trial.found.trials], options.data)
            print(f"round {i + 1}, {size}: {time.process_time():.0f} s", file=sys.stderr, flush=True)
    print("\n".join(detection_table([trial.found for trial in trials], sizes)), flush=True)
    executed = Executed(load(options.model), references)
    costs = [cost for library in libraries for cost in library.costs(executed, EXECUTED)]
    print(
        f"\n{Path(options.model).name}, int8 with {EXECUTED} sets of {USUAL_SIZE} of each kind, {SCORED:,} molecules:\n"
    )
    print("\n".join(cost_table(costs)))


def described(name: str, seed: int, sample: int) -> Reference:
    """The library as a verdict looks at it, by a seeded draw of its rows."""
    started = time.perf_counter()
    reference = describe(read(name), seed, limit=sample)
    print(f"{name} described: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return reference


class Executed:
    """A float model, and what flows in it when it reads the molecules of every library."""

    def __init__(self, model: Loaded, references: dict[str, Reference]) -> None:
        self.network, self.scheme = model.network, get_scheme("int8")
        self.profiler = Profiler(self.network, self.scheme)
        self.graphs = {name: r.population.graphs_by(self.network.recipe) for name, r in references.items()}
        self.profiles = {name: self.profiler.profiles(graphs) for name, graphs in self.graphs.items()}

    def outcome(self, library: str, scored: NDArray[np.int64]) -> Outcome:
        """Of quantized copies on these molecules of a library."""
        return Outcome(self.network, self.scheme, take(self.graphs[library], scored))

    def ranges(self, parts: Iterable[tuple[str, NDArray[np.int64]]]) -> list[Mapping[Site, tuple[float, float]]]:
        """The ranges of a single model by molecules of several libraries."""
        found = [(self.profiles[name], places) for name, places in parts]
        low = np.min([profiles.low[places].min(axis=0, initial=0) for profiles, places in found], axis=0)
        high = np.max([profiles.high[places].max(axis=0, initial=0) for profiles, places in found], axis=0)
        return [{site.site: (float(low[i]), float(high[i])) for i, site in enumerate(self.profiler.sites)}]


class Library:
    """A library, and the ways to draw sets for it that are wrong in part."""

    def __init__(self, name: str, references: dict[str, Reference]) -> None:
        self.name, self.reference = name, references[name]
        self.encoded = self.reference.compared.library
        self.foreign = {
            other: self.reference.encoder.encode(r.population) for other, r in references.items() if other != name
        }
        self._nulls: dict[int, Null] = {}

    def null(self, size: int) -> Null:
        if size not in self._nulls:
            self._nulls[size] = draw_null(self.reference, size, DRAWS)
        return self._nulls[size]

    def costs(self, executed: Executed, n_trials: int) -> Iterator[Cost]:
        """What the scores of the model lose when it is quantized with sets of every kind."""
        scored = np.random.default_rng([self.reference.seed, 7]).permutation(len(self.encoded))[:SCORED]
        outcome = executed.outcome(self.name, np.sort(scored))
        for fault in self.faults(USUAL_SIZE):
            rows = [
                outcome.statistics(executed.ranges(zip((self.name, fault.other or self.name), places, strict=True)))
                for places in self.places(fault, USUAL_SIZE, n_trials)
            ]
            disagreement, _, _, hits_lost = np.quantile(rows, [0.5, 0.05, 0.95], axis=0).T
            yield Cost(self.name, fault, tuple(disagreement), tuple(hits_lost))

    def faults(self, size: int) -> Iterator[Fault]:
        molecules = self.reference.population
        everything = np.arange(len(molecules))
        yield Fault("none")
        for other in self.foreign:
            yield from (Fault("foreign", other, share) for share in SHARES[size])
        weights = molecules.profile[:, PROPERTIES.index("mol_weight")]
        yield Fault(HEAVIEST, share=0.1, own=everything[weights < np.quantile(weights, 0.9)])
        largest = largest_scaffold(molecules)
        kept = molecules.scaffolds.codes != largest
        absent = f"scaffold absent: {molecules.scaffolds.names[largest]}"
        yield Fault(absent, share=float((~kept).mean()), own=everything[kept])
        small = np.diff(molecules.graphs.atom_ptr) <= FRAGMENT_ATOMS
        if size == USUAL_SIZE and small.sum() >= LEAST_POOL:
            yield Fault(FRAGMENTS, share=float((~small).mean()), own=everything[small])

    def places(
        self, fault: Fault, size: int, n: int, rng: np.random.Generator | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Places of the library's own molecules and of the other's, set by set."""
        rng = rng or np.random.default_rng([self.reference.seed, 6, size])
        own = np.arange(len(self.encoded)) if fault.own is None else fault.own
        n_foreign = round(fault.share * size) if fault.other else 0
        n_others = len(self.foreign[fault.other]) if fault.other else 1
        for _ in range(n):
            yield rng.choice(own, size - n_foreign, replace=False), rng.choice(n_others, n_foreign, replace=False)

    def verdict(self, fault: Fault, places: tuple[NDArray[np.int64], NDArray[np.int64]], size: int) -> str:
        chosen = self.encoded.take(places[0])
        if fault.other:
            chosen = joined(chosen, self.foreign[fault.other].take(places[1]))
        return judge(self.reference.compared.statistics(chosen), self.null(size)).verdict


class Trial:
    """Sets of a size that are wrong in one way, and what was found of them so far."""

    def __init__(self, library: Library, fault: Fault, size: int) -> None:
        self._library, self._fault, self._size = library, fault, size
        self._rng = np.random.default_rng([library.reference.seed, 8, size])
        self.found = Detection(library.name, fault.kind, fault.other, round(fault.share, 4), size, 0, 0, 0)

    def go_on(self, n: int) -> None:
        places = self._library.places(self._fault, self._size, n, self._rng)
        verdicts = [self._library.verdict(self._fault, place, self._size) for place in places]
        worse = sum(verdict != "representative" for verdict in verdicts)
        failed = verdicts.count("not representative")
        known = self.found
        self.found = known._replace(trials=known.trials + n, found=known.found + worse, failed=known.failed + failed)


def joined(first: Encoded, second: Encoded) -> Encoded:
    arrays = (np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in dataclasses.fields(Encoded))
    return Encoded(*arrays)


def detection_table(found: Sequence[Detection], sizes: Sequence[int]) -> Iterator[str]:
    yield f"| library | what is wrong | {' | '.join(f'sets of {size}' for size in sizes)} |"
    yield f"|---|---|{'---:|' * len(sizes)}"
    rows: dict[tuple[str, str], dict[int, Detection]] = {}
    for row in found:
        rows.setdefault((row.library, in_words(row.fault, row.other, row.share)), {})[row.size] = row
    for (library, fault), by_size in sorted(rows.items(), key=lambda row: row[0][0]):
        cells = (interval(by_size[n].found, by_size[n].trials) if n in by_size else "–" for n in sizes)
        yield f"| {library} | {fault} | {' | '.join(cells)} |"
    yield f"\n{found[0].trials} sets of each kind."


def cost_table(costs: Sequence[Cost]) -> Iterator[str]:
    yield "| library | what is wrong | 1 − ρ of int8 and fp32 | hits lost, best 5% |"
    yield "|---|---|---:|---:|"
    for cost in costs:
        disagreement = "{:.1e} ({:.1e}, {:.1e})".format(*cost.disagreement)
        hits = "{:.1%} ({:.1%}, {:.1%})".format(*cost.hits_lost)
        words = in_words(cost.fault.kind, cost.fault.other, cost.fault.share)
        yield f"| {cost.library} | {words} | {disagreement} | {hits} |"


def in_words(kind: str, other: str, share: float) -> str:
    if other:
        return f"{share:.0%} from {other}"
    if kind == "none":
        return "nothing (random draws)"
    return kind if share == 0.1 or kind == FRAGMENTS else f"{kind} ({share:.1%})"


def write(found: Sequence[Detection], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Detection._fields)
        writer.writerows(found)


if __name__ == "__main__":
    main()
