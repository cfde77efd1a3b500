"""Combinatorial spaces: is every product scored as `molq screen` scores it, how fast, and what do samplers miss?

    MOLQ_DATA_DIR=DATA python bench/space.py exact      scores of products against the engine's; spaces of RDKit's tests
    MOLQ_DATA_DIR=DATA python bench/space.py brute      the best of a million products against brute force
    MOLQ_DATA_DIR=DATA python bench/space.py rate       94 million quinazolinones
    MOLQ_DATA_DIR=DATA python bench/space.py billions   all 21.9 billion of them, with the memory that it takes
    MOLQ_DATA_DIR=DATA python bench/space.py recall     what Thompson sampling and random products find of the best 100
    MOLQ_DATA_DIR=DATA python bench/space.py growth     rates with synthons, positions, depth, width, tasks and members

DATA/spaces holds the files that docs/spaces.md names. Without names of parts all are done, in about an hour of two
cores; --small takes parts of them that are done in minutes. Writes bench/out/space-*.md, a table each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from process_tree import run
from screen import admet_checkpoints
from thompson import thompson_sampling

import molq
from molq.nn.config import default_config
from molq.nn.ensemble import Ensemble
from molq.nn.predictor import Predictor
from molq.report.table import Table
from molq.results.space import Exactness, SpaceScreen
from molq.spaces.products import spelled
from molq.spaces.space import Combination, Reaction, Space, Synthon
from molq.store.card import Card
from molq.store.molqfile import encode

OUT = Path(__file__).resolve().parent / "out"
DATA = Path(os.environ.get("MOLQ_DATA_DIR", "."))
QUINAZOLINONES = "N[c:4][c:3]C(O)=O.[#6:1][NH2].[#6:2]C(=O)[OH]>>[C:2]c1n[c:4][c:3]c(=O)n1[C:1]"
REAGENTS = ("aminobenzoic_ok", "primary_amines_ok", "carboxylic_acids_ok")
WHOLE = ("amide_space", "triazole_space", "urea_space", "doebner_miller_space", "idorsia_toy_space_a")
"""spaces all of whose products are looked at"""


class Size(NamedTuple):
    """How much work is done."""

    sampled: int
    brute: tuple[int, int, int]
    """synthons of each position"""
    rate: tuple[int, int, int]
    billions: tuple[int, int, int]
    recall: tuple[int, int, int]
    seeds: int
    growth: tuple[int, int, int]
    is_small: bool


LARGE = Size(
    200_000, (10, 317, 316), (376, 500, 500), (10**5, 10**5, 10**5), (376, 500, 500), 3, (100, 250, 250), False
)
SMALL = Size(1_000, (5, 60, 60), (376, 150, 150), (376, 300, 300), (376, 150, 150), 1, (60, 100, 100), True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--sampled", type=int, help="random products of a large space whose scores are compared")
    options = parser.parse_args()
    size = SMALL if options.small else LARGE
    if options.sampled is not None:
        size = size._replace(sampled=options.sampled)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{unknown[0]!r} is none of {', '.join(PARTS)}")
    OUT.mkdir(exist_ok=True)
    for part in options.parts or PARTS:
        text = PARTS[part](size)
        (OUT / f"space-{part}.md").write_text(text + "\n", encoding="utf-8")
        print(text, end="\n\n", flush=True)


def exact(size: Size) -> str:
    """Scores of all products, or of random ones, by the pass and by the engine on their SMILES."""
    rows = []
    for name, model in _models(size):
        spaces = WHOLE if not size.is_small else WHOLE[:-1]
        rows += [_exact_row(name, model, one, _rdkits(one), whole=True, n=size.sampled) for one in spaces]
        rows.append(_exact_row(name, model, "Syntons_5567", _rdkits("Syntons_5567"), whole=False, n=size.sampled))
        rows.append(
            _exact_row(name, model, "quinazolinones", _quinazolinones(size.growth), whole=False, n=size.sampled)
        )
    header = ("model", "space", "products", "compared", "largest difference / spread", "SMILES and scores")
    return Table(header, tuple(rows), left=(0, 1)).to_markdown()


def _exact_row(
    name: str, model: molq.Model, title: str, space: molq.CombinatorialSpace, *, whole: bool, n: int
) -> tuple[str, ...]:
    found = space.screen(model, top=len(space) if whole else 100, task=_task(model), sample_check=n)
    products = list(space.products) if whole else []
    same = "–" if not whole else _same(found, {one.id: one.smiles for one in products}, model)
    compared = found.rescored if whole else found.exactness.checked
    return name, title, f"{found.products:,}", f"{compared:,}", f"{_share(found.exactness):.1e}", same


def _share(exactness: Exactness) -> float:
    """The largest difference, of the spread."""
    if exactness.largest is None:
        return np.nan
    return exactness.largest / exactness.spread if exactness.spread else 0.0


def _same(found: SpaceScreen, written: dict[str, str], model: molq.Model) -> str:
    """Whether the products are those that RDKit zips, and the scores those of their SMILES."""
    if {hit.id: hit.smiles for hit in found.hits} != written:
        return "differ"
    scores = _scores(model, [hit.smiles for hit in found.hits], found.ranked_by)
    place = found.columns.index(found.ranked_by)
    return "identical" if np.array_equal(scores, [hit.scores[place] for hit in found.hits]) else "scores differ"


def brute(size: Size) -> str:
    """The best by the pass, and by scoring every SMILES."""
    space, model = _quinazolinones(size.brute), molq.load("bace-dmpnn")
    start = time.perf_counter()
    found = space.screen(model, top=1000, sample_check=1000)
    passed = time.perf_counter() - start
    start = time.perf_counter()
    products = list(space.products)
    scores = _scores(model, [one.smiles for one in products], found.ranked_by)
    forced = time.perf_counter() - start
    bar = np.sort(scores)[-len(found.hits)]
    best = {products[i].id: scores[i] for i in np.flatnonzero(scores >= bar)}
    hits = {hit.id: hit.scores[0] for hit in found.hits}
    is_same = set(hits) <= set(best) and sorted(hits.values()) == sorted(best.values())[-len(hits) :]
    rows = (
        ("products", f"{len(products):,}"),
        (f"the best {len(hits):,}", "identical" if is_same else "not identical"),
        ("space screen, s, start to end", f"{passed:,.1f}"),
        ("SMILES made and scored, s", f"{forced:,.1f}"),
    )
    return Table(("what", "figure"), rows).to_markdown()


def rate(size: Size) -> str:
    """Products a second of the pass, and what stands around it: medians of rounds in which schemes take turns."""
    space = _quinazolinones(size.rate)
    models = {scheme: _scheme("bace-dmpnn", scheme) for scheme in ("fp32", "int8")}
    rounds: dict[str, list[tuple[SpaceScreen, float]]] = {scheme: [] for scheme in models}
    for turn in range(1 if size.is_small else 5):
        for scheme in sorted(models, reverse=bool(turn % 2)):
            start = time.perf_counter()
            found = space.screen(models[scheme], top=1000)
            rounds[scheme].append((found, time.perf_counter() - start))
    rows = []
    for scheme, of_scheme in rounds.items():
        ordered = sorted(of_scheme, key=lambda one: one[0].seconds)
        (found, whole), fastest, slowest = ordered[len(ordered) // 2], ordered[0][0].seconds, ordered[-1][0].seconds
        rows.append(
            (
                scheme,
                f"{found.products:,}",
                f"{found.spellings:,}",
                f"{found.scored:,}",
                str(max(1, found.workers)),
                f"{found.seconds:,.1f} ({fastest:,.1f} to {slowest:,.1f})",
                f"{found.products_per_s:,.0f}",
                f"{whole:,.1f}",
                f"{_share(found.exactness):.0e}",
            )
        )
    header = (
        "scheme",
        "products",
        "spellings",
        "settled",
        "processes",
        "pass, s",
        "products/s",
        "all, s",
        "difference / spread",
    )
    return Table(header, tuple(rows)).to_markdown()


def billions(size: Size) -> str:
    """All quinazolinones, by the command, from its start to its end."""
    with TemporaryDirectory() as folder:
        model, space = Path(folder) / "bace-int8.molq", Path(folder) / "space.txt"
        _scheme("bace-dmpnn", "int8").save(model)
        _quinazolinones(size.billions).save(space)
        asked = ["--top", "1000", "-o", str(space.with_name("best.csv")), "--json"]
        ended = run([sys.executable, "-m", "molq", "space", "screen", str(model), str(space), *asked])
    if ended.returncode:
        raise SystemExit(ended.stderr)
    found = json.loads(ended.stdout)
    rows = (
        ("products", f"{found['products']:,}"),
        ("spellings", f"{found['spellings']:,}"),
        ("settled", f"{found['scored']:,}"),
        ("pass, s", f"{found['seconds']:,.0f}"),
        ("products/s in the pass", f"{found['products'] / found['seconds']:,.0f}"),
        ("the whole command, s", f"{ended.seconds:,.0f}"),
        ("memory of all processes, MB", f"{ended.peak_pss_mb:,.0f}"),
        ("largest difference seen, in logits", f"{found['exactness']['largest']:.3f}"),
        ("that a missing product would need", f"{found['exactness']['room']:.3f}"),
    )
    return Table(("what", "figure"), rows).to_markdown()


def recall(size: Size) -> str:
    """Of the exact best 100, what samplers find that look at a thousandth of the products, or at a million."""
    space, model = _quinazolinones(size.recall), molq.load("bace-dmpnn")
    best = {hit.id for hit in space.screen(model, top=100).hits}
    (reaction,) = _inside(space).reactions
    budget = reaction.n_products // 1000
    rows = [("exact", f"{reaction.n_products:,}", "100%")]
    for seed in range(size.seeds):
        seen = thompson_sampling(reaction, _scored(model), budget, seed)
        ranked = sorted(seen, key=lambda choice: -seen[choice])[:100]
        found = {_id(reaction, choice) for choice in ranked}
        rows.append((f"Thompson sampling, seed {seed}", f"{len(seen):,}", f"{len(found & best) / len(best):.0%}"))
    n = min(1_000_000, reaction.n_products)
    rows.append(("random, expected", f"{n:,}", f"{n / reaction.n_products:.1%}"))
    return Table(("way", "products looked at", "of the best 100"), tuple(rows), left=(0,)).to_markdown()


def growth(size: Size) -> str:
    """Rates of networks that nobody trained, whose arithmetic is that of trained ones."""
    base = _quinazolinones(size.growth)
    rows = []
    for changed, model in _grown():
        start = time.perf_counter()
        found = base.screen(model, top=100, task=_task(model), sample_check=200)
        rows.append(_growth_row(changed, found, time.perf_counter() - start))
    first, second, third = size.growth
    for sizes in ((first, second // 2, third // 2), (2 * first, second, third), (2 * first, 2 * second, 2 * third)):
        start = time.perf_counter()
        found = _quinazolinones(sizes).screen(_untrained(), top=100, task="t0", sample_check=200)
        rows.append(_growth_row(" × ".join(map(str, sizes)), found, time.perf_counter() - start))
    header = ("changed", "products", "spellings", "settled", "pass, s", "products/s", "all, s")
    return Table(header, tuple(rows), left=(0,)).to_markdown()


def _growth_row(changed: str, found: SpaceScreen, seconds: float) -> tuple[str, ...]:
    return (
        changed,
        f"{found.products:,}",
        f"{found.spellings:,}",
        f"{found.scored:,}",
        f"{found.seconds:,.1f}",
        f"{found.products_per_s:,.0f}",
        f"{seconds:,.1f}",
    )


def _grown() -> Iterator[tuple[str, molq.Model]]:
    yield "D-MPNN, width 300, depth 3, one task, sum", _untrained()
    for depth in (2, 4, 5):
        yield f"depth {depth}", _untrained(depth=depth)
    for width in (100, 600):
        yield f"width {width}", _untrained(d_h=width)
    yield "10 tasks, ranked by one", _untrained(n_tasks=10)
    yield "two hidden layers of the head", _untrained(head_hidden=(300, 300))
    yield "5 members", _untrained(members=5)
    yield "mean readout", _untrained(readout="mean")
    yield "GINE, depth 5, mean", _untrained("gine")


def _untrained(architecture: str = "dmpnn", *, n_tasks: int = 1, members: int = 1, **changes: object) -> molq.Model:
    tasks = tuple(f"t{i}" for i in range(n_tasks))
    made = []
    for seed in range(members):
        torch.manual_seed(seed)
        made.append(Predictor(default_config(architecture, tasks, "regression", **changes)).eval())
    return molq.Model(encode(made[0] if members == 1 else Ensemble(made), Card("untrained")))


def _models(size: Size) -> Iterator[tuple[str, molq.Model]]:
    for scheme in ("fp32", "int8", "w4a8"):
        yield f"bace-dmpnn, {scheme}", _scheme("bace-dmpnn", scheme)
    yield "GINE, untrained, fp32", _untrained("gine")
    if not size.is_small:
        yield "ADMET-AI model 0, fp32", molq.import_checkpoint(admet_checkpoints("classification")[0])


def _scheme(name: str, scheme: str) -> molq.Model:
    model = molq.load(name)
    return model if scheme == "fp32" else model.quantize(scheme, molq.calibration_set("bace", size=200))


def _task(model: molq.Model) -> str | None:
    return None if len(model.tasks) == 1 else model.tasks[0]


def _scores(model: molq.Model, smiles: Sequence[str], column: str) -> NDArray[np.float64]:
    found = np.asarray(model.predict(list(smiles)), np.float64)
    return found if found.ndim == 1 else found[:, list(model.tasks).index(column)]


def _scored(model: molq.Model) -> Callable[[Sequence[Combination]], NDArray[np.float64]]:
    def scored(chosen: Sequence[Combination]) -> NDArray[np.float64]:
        smiles = [one.smiles or "" for one in spelled(chosen)]
        scores = np.asarray(model.predict(smiles), np.float64).ravel()
        return np.nan_to_num(scores, nan=-1e9)

    return scored


def _rdkits(name: str) -> molq.CombinatorialSpace:
    path = DATA / "spaces" / f"{name}.txt.gz"
    return molq.space(path if path.exists() else path.with_name(f"{name}.csv.gz"))


def _quinazolinones(sizes: Sequence[int]) -> molq.CombinatorialSpace:
    """The first so many reagents of each list that give a synthon."""
    lists = []
    for name, n in zip(REAGENTS, sizes, strict=True):
        with gzip.open(DATA / "spaces" / f"{name}.smi.gz", "rt") as lines:
            lists.append([line.split()[0] for line, _ in zip(lines, range(2 * n), strict=False)])
    made = molq.space_from_reaction(QUINAZOLINONES, lists, name="quinazolinone")
    (whole,) = _inside(made).reactions
    reaction = Reaction(whole.id, tuple(own[:n] for own, n in zip(whole.positions, sizes, strict=True)))
    return molq.CombinatorialSpace(Space("quinazolinones", (reaction,), {}, ()))


def _inside(space: molq.CombinatorialSpace) -> Space:
    return space._space


def _id(reaction: Reaction, choice: tuple[int, ...]) -> str:
    synthons: list[Synthon] = [own[at] for own, at in zip(reaction.positions, choice, strict=True)]
    return Combination(reaction.id, tuple(synthons)).id


PARTS: dict[str, Callable[[Size], str]] = {
    "exact": exact,
    "brute": brute,
    "rate": rate,
    "billions": billions,
    "recall": recall,
    "growth": growth,
}


if __name__ == "__main__":
    main()
