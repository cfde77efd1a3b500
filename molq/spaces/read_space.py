"""A space read from a file of synthons, without those that take part in no product, and what is odd about it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from molq.chem.synthons.joining import ends, synthon_or_reason
from molq.errors import InputError
from molq.progress import SILENT, Progress
from molq.spaces.products import spelled
from molq.spaces.space import Reaction, Space, Synthon
from molq.spaces.synthon_table import synthon_lines

MAX_PRODUCTS = 10**18
_NUMBER = re.compile(r"(\d+)")
_N_REASON_KINDS = 100
_SINGLE = "single"
_N_TRIED = 200
"""random products that RDKit is shown"""
_Ends = tuple[tuple[int, str], ...]
"""number and kind of bond of each connector of a synthon"""
_Positions = dict[str, dict[Synthon, _Ends]]
"""position → its synthons"""


def read_space(path: str | Path, progress: Progress = SILENT) -> Space:
    """The space of a file.

    Left out are synthons that RDKit does not read, that have no connector, that stand in their position already, or
    whose connectors are not those of most synthons of their position. Notes tell of connectors that do not pair, or
    pair different bonds, and of random products that RDKit refuses. Raises InputError when nothing is left.
    """
    progress.stage("synthons")
    reactions: dict[str, _Positions] = {}
    left_out: Counter[str] = Counter()
    shared: dict[_Ends, _Ends] = {}
    for done, line in enumerate(synthon_lines(path), 1):
        synthon = Synthon(line.smiles, line.id)
        kept = reactions.setdefault(line.reaction, {}).setdefault(line.position, {})
        mol = synthon_or_reason(line.smiles)
        if isinstance(mol, str):
            left_out[mol if mol in left_out or len(left_out) < _N_REASON_KINDS else "other reasons"] += 1
        elif synthon in kept:
            left_out["stands in its position already"] += 1
        else:
            found_ends = ends(mol)
            kept[synthon] = shared.setdefault(found_ends, found_ends)
        progress.step(done, None)
    notes: list[str] = []
    found = [_reaction(name, positions, left_out, notes) for name, positions in reactions.items()]
    whole = tuple(reaction for reaction in found if reaction.n_products)
    if not whole:
        why = f"; left out: {_counted(left_out)}" if left_out else ""
        raise InputError(f"{path}: no reaction has synthons in every position{why}")
    space = Space(str(path), whole, dict(left_out.most_common()), tuple(notes))
    if space.n_products > MAX_PRODUCTS:
        raise InputError(f"{path}: spans {space.n_products:.1e} products; {MAX_PRODUCTS:.0e} are the most")
    return replace(space, notes=(*space.notes, *_refused(space)))


def _refused(space: Space) -> Iterator[str]:
    n = min(_N_TRIED, space.n_products)
    numbers = random.Random(0).sample(range(space.n_products), n)
    reasons = Counter(one.reason for one in spelled(map(space.combination, numbers)) if one.reason is not None)
    if reasons:
        usual = reasons.most_common(1)[0][0]
        yield f"RDKit refuses {reasons.total():,} of {n:,} random products, most often for: {usual}"


def _reaction(name: str, positions: _Positions, left_out: Counter[str], notes: list[str]) -> Reaction:
    chosen: dict[str, dict[Synthon, _Ends]] = {}
    for position in sorted(positions, key=_in_order):
        kept = positions[position]
        usual = Counter(map(_numbers, kept.values())).most_common(1)[0][0] if kept else ()
        others = [synthon for synthon, found in kept.items() if _numbers(found) != usual]
        if others:
            left_out["its connectors are not those of its position"] += len(others)
            notes.append(
                f"{name}: {len(others)} of {len(kept)} synthons of position {position} have other connectors than"
                f" {_named(usual)}, such as {others[0].id}, and are left out"
            )
            kept = {synthon: found for synthon, found in kept.items() if _numbers(found) == usual}
        if not kept:
            notes.append(f"{name}: position {position} has no synthon, so that there are no products")
        chosen[position] = kept
    if all(chosen.values()):
        shared = Counter(number for kept in chosen.values() for number in _numbers(next(iter(kept.values()))))
        notes += _unpaired(name, shared)
        notes += _unequal(name, chosen, [number for number, n in sorted(shared.items()) if n == 2])
    return Reaction(name, tuple(map(tuple, chosen.values())))


def _unpaired(name: str, shared: Mapping[int, int]) -> Iterator[str]:
    if alone := tuple(number for number, n in sorted(shared.items()) if n == 1):
        yield f"{name}: {_named(alone)} pairs with nothing, and stays an open end of every product"
    if many := tuple(number for number, n in sorted(shared.items()) if n > 2):
        yield f"{name}: {_named(many)} stands more than twice, so that no product can be made"


def _unequal(name: str, chosen: _Positions, paired: Sequence[int]) -> Iterator[str]:
    for number in paired:
        kinds: Counter[tuple[str, str]] = Counter()
        example: dict[tuple[str, str], str] = {}
        for position, kept in chosen.items():
            for synthon, found in kept.items():
                for own, kind in found:
                    if own == number:
                        kinds[kind, position] += 1
                        example.setdefault((kind, position), synthon.id)
        met = sorted({kind for kind, _ in kinds}, key=lambda kind: kind != _SINGLE)
        if len(met) > 1:
            where = ", ".join(
                f"{kind} in {n:,} of position {position} (such as {example[kind, position]})"
                for (kind, position), n in kinds.items()
            )
            wins = f"the {met[1]} bond" if len(met) == 2 and met[0] == _SINGLE else "the first that is not single"
            yield f"{name}: [{number}*] joins bonds of different kinds, {where}; RDKit takes {wins}"


def _numbers(found: _Ends) -> tuple[int, ...]:
    return tuple(number for number, _ in found)


def _named(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}*]" for number in numbers)


def _in_order(position: str) -> list[tuple[int, str]]:
    """synton_10 after synton_9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(position)]


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{n:,} {reason}" for reason, n in reasons.most_common(3))
