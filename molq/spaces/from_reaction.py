"""The space that a reaction spans over lists of reagents."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from molq.chem.molecule import molecule
from molq.chem.synthons.cutting import CuttingReaction
from molq.chem.synthons.joining import Mol, joined_or_reason, smiles_of, synthon_or_reason
from molq.errors import InputError
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.spaces.read_space import MAX_PRODUCTS
from molq.spaces.space import Reaction, Space, Synthon

_N_PARTNERS = 2
"""of each list, with which every other reagent reacts, to see whether its piece depends on them"""
_N_TRIED = 1000
"""reagents of a list that are tried as partners"""
_N_CHECKED = 200


def space_of_reaction(
    smarts: str,
    reagents: Sequence[Sequence[Synthon]],
    name: str = "reaction",
    seed: int = 0,
    progress: Progress = SILENT,
) -> Space:
    """Synthons of the reagents, of which a list belongs to each position of the reaction.

    A reagent is left out, with its reason, when it does not react, reacts in several ways, or gives pieces that depend
    on what it reacts with. Random products are compared with those of the reaction, and a note tells how many differ.
    Raises InputError for an unusable reaction, for a position none of whose reagents reacts, and for more products than
    MAX_PRODUCTS.
    """
    require_within(seed=seed)
    reaction = CuttingReaction(smarts)
    if len(reagents) != reaction.n_reagents:
        raise InputError(f"{smarts!r} has {reaction.n_reagents} reagents, and {len(reagents)} lists are given")
    partners = _partners(reaction, reagents)
    left_out: Counter[str] = Counter()
    kept: list[dict[Synthon, Mol]] = []
    progress.stage("reagents")
    done = 0
    for position, listed in enumerate(reagents):
        found: dict[Synthon, Mol] = {}
        for reagent in listed:
            done += 1
            progress.step(done, sum(map(len, reagents)))
            mol = molecule(reagent.smiles)
            if mol is None:
                left_out["not a molecule that RDKit reads"] += 1
                continue
            piece, reason = _piece(reaction, mol, position, partners)
            if piece is None:
                left_out[reason] += 1
            elif isinstance(why := synthon_or_reason(piece), str):
                left_out[f"gives no synthon: {why}"] += 1
            else:
                found.setdefault(Synthon(piece, reagent.id), mol)
        if not found:
            why = f"; {left_out.most_common(1)[0][0]}" if left_out else ""
            raise InputError(f"{smarts!r}: no reagent of list {position + 1} gives a synthon{why}")
        kept.append(found)
    space = Space(name, (Reaction(name, tuple(tuple(found) for found in kept)),), dict(left_out.most_common()), ())
    if space.n_products > MAX_PRODUCTS:
        raise InputError(f"{smarts!r}: spans {space.n_products:.1e} products; {MAX_PRODUCTS:.0e} are the most")
    notes = _checked(reaction, space, kept, random.Random(seed))
    return Space(space.source, space.reactions, space.left_out, notes)


def _partners(reaction: CuttingReaction, reagents: Sequence[Sequence[Synthon]]) -> list[list[Mol]]:
    """Of each list _N_PARTNERS reagents that fit the reaction in a single way."""
    chosen = []
    for position, listed in enumerate(reagents):
        mols = (molecule(reagent.smiles) for reagent in (*listed[:_N_TRIED], *listed[: -_N_TRIED - 1 : -1]))
        fitting = [mol for mol in mols if mol is not None and reaction.matches(mol, position) == 1]
        if not fitting:
            raise InputError(f"no reagent of list {position + 1} fits the reaction in a single way")
        middle = len(fitting) // 2
        chosen.append([fitting[0], fitting[middle]])
    return chosen


def _piece(
    reaction: CuttingReaction, mol: Mol, position: int, partners: Sequence[Sequence[Mol]]
) -> tuple[str | None, str]:
    """The synthon of a reagent, or None and why it has none."""
    pieces = set()
    for turn in range(_N_PARTNERS):
        together = [found[turn % len(found)] for found in partners]
        together[position] = mol
        product = reaction.product_or_reason(together)
        if isinstance(product, str):
            return None, product
        written = reaction.synthons_or_reason(product)
        if isinstance(written, str):
            return None, written
        pieces.add(written[position])
    return (pieces.pop(), "") if len(pieces) == 1 else (None, "its piece depends on what it reacts with")


def _checked(
    reaction: CuttingReaction, space: Space, kept: Sequence[dict[Synthon, Mol]], chance: random.Random
) -> tuple[str, ...]:
    """A note when products joined of synthons are not those of the reaction."""
    differing = []
    n = min(_N_CHECKED, space.n_products)
    for number in chance.sample(range(space.n_products), n):
        chosen = space.combination(number).synthons
        product = reaction.product_or_reason([kept[i][synthon] for i, synthon in enumerate(chosen)])
        if isinstance(product, str) or smiles_of(product) != _joined(chosen):
            differing.append(space.combination(number).id)
    if not differing:
        return (f"{n:,} random products are those of the reaction",)
    return (f"{len(differing):,} of {n:,} random products are not those of the reaction, such as {differing[0]}",)


def _joined(synthons: Sequence[Synthon]) -> str:
    mols = [synthon_or_reason(synthon.smiles) for synthon in synthons]
    product = joined_or_reason([mol for mol in mols if not isinstance(mol, str)])
    return product if isinstance(product, str) else smiles_of(product)
