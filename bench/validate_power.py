"""Error rates of `molq calibset validate`: false alarms on random draws, detection of sets that should fail.

    python bench/validate_power.py [--libraries hiv,zinc250k] [--draws 200] [--faulty 40] [--size 200] [--seed 0]
                                   [--model M.molq]

Prints a Markdown table, one row per library and kind of set: the share of sets called marginal or worse, and not
representative, each with its 95% Clopper-Pearson interval. Random draws come from the whole library, not from the part
that was described. With --model, sets are judged by the activations and int8 scores of that fp32 model too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.stats import beta

from molq.calibset.aspect import Aspect
from molq.calibset.population import Population, populate
from molq.calibset.reference import Null, Reference, describe, draw_null
from molq.calibset.verdict import judge
from molq.chem.table import read_table
from molq.data.locate import locate
from molq.store.molqfile import load
from molq.workflows.validity.validation import ModelAspect

POOL = 20_000
HALOGENS = (9, 17, 35, 53)
FRAGMENT_ATOMS = 15
OTHER_DOMAIN = {"hiv": "zinc250k", "zinc250k": "hiv"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", default="hiv,zinc250k")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--faulty", type=int, default=40)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model")
    options = parser.parse_args()
    print(f"| library | sets of {options.size} | n | marginal or worse | not representative |")
    print("|---|---|---:|---:|---:|")
    for name in options.libraries.split(","):
        report(name, options.draws, options.faulty, options.size, options.seed, options.model)


def report(name: str, n_draws: int, n_faulty: int, size: int, seed: int, model: str | None) -> None:
    started = time.perf_counter()
    library = read(name)
    reference = describe(library, seed)
    aspect = None if model is None else ModelAspect(load(model), reference)
    null = draw_null(reference, size, aspect=aspect)
    rng = np.random.default_rng([seed, 1])
    for kind, sets in (
        ("random draws", draws(library, size, n_draws, rng)),
        *((kind, draws(pool, size, n_faulty, rng)) for kind, pool in faulty_pools(name, library, size, rng)),
    ):
        row(name, kind, [verdict(chosen, reference, null, aspect) for chosen in sets])
    print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


def read(name: str) -> list[str]:
    return read_table(locate(name)).read_smiles


def draws(pool: list[str], size: int, n: int, rng: np.random.Generator) -> Iterator[list[str]]:
    for _ in range(n):
        yield [pool[i] for i in rng.choice(len(pool), size, replace=False)]


def verdict(chosen: list[str], reference: Reference, null: Null, aspect: Aspect | None) -> str:
    molecules = populate(chosen)
    values = reference.compared.statistics(reference.encoder.encode(molecules))
    if aspect is not None:
        values = np.concatenate([values, aspect.of_set(molecules)])
    return judge(values, null).verdict


def faulty_pools(name: str, library: list[str], size: int, rng: np.random.Generator) -> Iterator[tuple[str, list[str]]]:
    """The kinds of set that must fail, each as the pool it is drawn from."""
    part = [library[i] for i in rng.permutation(len(library))[:POOL]]
    molecules = populate(part)
    n_atoms = np.diff(molecules.graphs.atom_ptr)
    largest = largest_scaffold(molecules)
    kinds: tuple[tuple[str, Callable[[], Any]], ...] = (
        (f"fragments only (at most {FRAGMENT_ATOMS} atoms)", lambda: n_atoms <= FRAGMENT_ATOMS),
        (f"one scaffold ({molecules.scaffolds.names[largest]})", lambda: molecules.scaffolds.codes == largest),
        ("halogen-free", lambda: ~molecules.elements[:, HALOGENS].any(axis=1)),
        ("charged atoms only", lambda: np.delete(molecules.charges, 16, axis=1).any(axis=1)),
    )
    for kind, members in kinds:
        chosen = np.flatnonzero(members())
        if len(chosen) < size:
            print(f"{name}: only {len(chosen)} molecules for {kind}", file=sys.stderr)
        else:
            yield kind, [molecules.smiles[i] for i in chosen]
    if name in OTHER_DOMAIN:
        yield f"wrong domain ({OTHER_DOMAIN[name]})", read(OTHER_DOMAIN[name])


def largest_scaffold(molecules: Population) -> int:
    """The scaffold, other than none at all, with most molecules."""
    counts = np.bincount(molecules.scaffolds.codes, minlength=len(molecules.scaffolds.names))
    counts[[i for i, scaffold in enumerate(molecules.scaffolds.names) if not scaffold]] = 0
    return int(counts.argmax())


def row(library: str, kind: str, verdicts: list[str]) -> None:
    n = len(verdicts)
    worse = sum(v != "representative" for v in verdicts)
    failed = sum(v == "not representative" for v in verdicts)
    print(f"| {library} | {kind} | {n} | {interval(worse, n)} | {interval(failed, n)} |", flush=True)


def interval(k: int, n: int) -> str:
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{k / n:.1%} ({low:.1%}, {high:.1%})"


if __name__ == "__main__":
    main()
