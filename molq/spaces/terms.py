"""Terms: what the atoms of a sight of a piece add to the first hidden layer, beside partners of near classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molq.chem.packed import PackedGraphs, no_extras, take
from molq.spaces.additive import Additive, AtomGroups
from molq.spaces.sheets import Sheet
from molq.spaces.views import UNSEEN, Ints, Sight, spread, views_of

F32 = NDArray[np.float32]
_BATCH = 1024
"""terms computed at once"""


class Fragments(NamedTuple):
    """Parts of pieces, as far as they can be seen."""

    graphs: PackedGraphs
    ports: Ints
    """[n, joins], UNSEEN where the port cannot be seen"""
    targets: Ints
    """[T], atoms of each one's own graph"""
    ptr: Ints
    """[n+1]"""


class SheetTerms:
    """The terms of a sheet for a network."""

    def __init__(self, sheet: Sheet, additive: Additive) -> None:
        self.sheet, self.views = sheet, views_of(sheet, additive.radius)
        self._additive = additive
        self._near: dict[tuple[int, tuple[int, ...]], Fragments] = {}
        self._own: dict[tuple[int, int], Fragments] = {}

    def alone(self, position: int) -> F32:
        """[n pieces, width]: what the atoms add that see no partner."""
        view = self.views[position]
        rows = np.zeros((view.n_pieces, self._additive.width), np.float32)
        for at, sight in enumerate(view.sights):
            if max(sight.reach, default=UNSEEN) == UNSEEN:
                terms = self.terms(position, at, np.arange(len(sight.first)), {})
                has = sight.own >= 0
                rows[has] += terms[sight.own[has]]
        return rows

    def meeting(self, position: int) -> list[int]:
        """The sights of a position from which a partner is seen."""
        sights = self.views[position].sights
        return [at for at, sight in enumerate(sights) if max(sight.reach, default=UNSEEN) > UNSEEN]

    def seen(self, sight: Sight) -> list[int]:
        """The positions that are seen."""
        found = {
            owner
            for slot, join in enumerate(self.sheet.joins)
            for side, owner in enumerate(join.positions)
            if sight.reach[2 * slot + side] > UNSEEN
        }
        return sorted(found)

    def terms(self, position: int, at: int, own: Ints, near: dict[int, Ints]) -> F32:
        """[E, width] for own classes [E] of a sight and near classes [E] of every position that it sees."""
        rows = np.empty((len(own), self._additive.width), np.float32)
        self.fill_terms(position, at, own, near, rows)
        return rows

    def fill_terms(self, position: int, at: int, own: Ints, near: dict[int, Ints], rows: F32) -> None:
        """rows [E, width] ← the same."""
        sight = self.views[position].sights[at]
        fragments = self._own_fragments(position, at)
        partners = [(other, self._near_fragments(other, sight.reach)) for other in self.seen(sight)]
        for start in range(0, len(own), _BATCH):
            few = slice(start, start + _BATCH)
            parts = [(position, fragments, own[few])]
            parts += [(other, fragment, near[other][few]) for other, fragment in partners]
            self._additive.fill_rows(*_composed(self.sheet, parts), rows[few])

    def _own_fragments(self, position: int, at: int) -> Fragments:
        if (position, at) not in self._own:
            view = self.views[position]
            sight = view.sights[at]
            graphs = take(view.graphs, sight.first)
            counts = sight.ptr[sight.first + 1] - sight.ptr[sight.first]
            ptr = np.concatenate([[0], np.cumsum(counts)])
            flat = np.arange(ptr[-1]) + np.repeat(sight.ptr[sight.first] - ptr[:-1], counts)
            owner = np.repeat(np.arange(len(counts)), counts)
            local = sight.atoms[flat] - view.graphs.atom_ptr[sight.first][owner]
            distance = np.full((len(graphs.atoms), 1), self._additive.radius + 1, np.int64)
            distance[local + graphs.atom_ptr[:-1][owner]] = 0
            for _ in range(self._additive.radius):
                spread(distance, graphs)
            kept = distance[:, 0] <= self._additive.radius
            self._own[position, at] = _fragments(graphs, kept, view.ports[sight.first], local, ptr)
        return self._own[position, at]

    def _near_fragments(self, position: int, reach: tuple[int, ...]) -> Fragments:
        view = self.views[position]
        key = position, tuple(reach[port] for port in view.own_ports)
        if key not in self._near:
            first = np.unique(view.near(reach), return_index=True)[1]
            graphs = take(view.graphs, first)
            kept = np.zeros(len(graphs.atoms), np.bool_)
            for port in view.own_ports:
                kept |= take_atoms(view.graphs, view.distance[:, port // 2], first) <= reach[port]
            nothing = np.zeros(0, np.int64), np.zeros(len(first) + 1, np.int64)
            self._near[key] = _fragments(graphs, kept, view.ports[first], *nothing)
        return self._near[key]


def take_atoms(graphs: PackedGraphs, values: Ints, index: Ints) -> Ints:
    """The values of the atoms of graphs ``index``, laid end to end."""
    return np.concatenate([values[graphs.atom_ptr[i] : graphs.atom_ptr[i + 1]] for i in index] or [values[:0]])


def _fragments(graphs: PackedGraphs, kept: NDArray[np.bool_], ports: Ints, targets: Ints, ptr: Ints) -> Fragments:
    """The kept atoms of each graph, and the bonds between them."""
    new = np.cumsum(kept) - 1
    owner = np.repeat(np.arange(graphs.n_mols), np.diff(graphs.atom_ptr))
    atom_ptr = np.concatenate([[0], np.cumsum(np.bincount(owner[kept], minlength=graphs.n_mols))])
    whole = kept[graphs.ends].all(axis=1)
    bond_owner = np.repeat(np.arange(graphs.n_mols), np.diff(graphs.bond_ptr))
    bond_ptr = np.concatenate([[0], np.cumsum(np.bincount(bond_owner[whole], minlength=graphs.n_mols))])
    small = PackedGraphs(
        graphs.atoms[kept],
        graphs.bonds[whole],
        new[graphs.ends[whole]].astype(np.int32),
        atom_ptr.astype(np.int32),
        bond_ptr.astype(np.int32),
        no_extras(graphs.n_mols),
    )
    at = np.maximum(ports, 0) + graphs.atom_ptr[:-1, None]
    is_seen = (ports >= 0) & (kept[at] if len(kept) else False)
    local = np.where(is_seen, new[at] - atom_ptr[:-1, None] if len(kept) else UNSEEN, UNSEEN)
    counts = np.diff(ptr)
    of = np.repeat(np.arange(len(counts)), counts)
    moved = new[targets + graphs.atom_ptr[of]] - atom_ptr[of] if len(targets) else targets
    return Fragments(small, local, moved, ptr)


def _composed(sheet: Sheet, parts: Sequence[tuple[int, Fragments, Ints]]) -> tuple[PackedGraphs, AtomGroups]:
    """Graphs of which number i joins fragment ``index[i]`` of every part; the targets are those of the first part."""
    taken = [take(fragments.graphs, index) for _, fragments, index in parts]
    starts = np.concatenate([[0], np.cumsum([len(one.atoms) for one in taken])])
    where = {position: at for at, (position, _, _) in enumerate(parts)}
    bonds = [one.bonds for one in taken]
    ends = [one.ends + int(start) for one, start in zip(taken, starts, strict=False)]
    for slot, join in enumerate(sheet.joins):
        if not all(position in where for position in join.positions):
            continue
        sides = []
        for position in join.positions:
            at = where[position]
            _, fragments, index = parts[at]
            port = fragments.ports[index, slot]
            sides.append(np.where(port >= 0, port + taken[at].atom_ptr[:-1] + starts[at], UNSEEN))
        met = np.stack(sides, axis=1)
        met = met[(met >= 0).all(axis=1)]
        ends.append(met.astype(np.int32))
        bonds.append(np.full(len(met), sheet.bonds[slot], np.uint16))
    all_bonds = np.concatenate(bonds)
    graphs = PackedGraphs(
        np.concatenate([one.atoms for one in taken]),
        all_bonds,
        np.concatenate(ends).astype(np.int32),
        np.array([0, starts[-1]], np.int32),
        np.array([0, len(all_bonds)], np.int32),
        no_extras(1),
    )
    _, own, index = parts[0]
    counts = own.ptr[index + 1] - own.ptr[index]
    ptr = np.concatenate([[0], np.cumsum(counts)])
    flat = np.arange(ptr[-1]) + np.repeat(own.ptr[index] - ptr[:-1], counts)
    first = np.repeat(taken[0].atom_ptr[:-1], counts)
    atoms = own.targets[flat] + first
    return graphs, AtomGroups(atoms.astype(np.int32), ptr.astype(np.int32))


def product_sums(terms: SheetTerms, pieces: Ints, alone: Sequence[F32]) -> F32:
    """[n, width]: the sums of products of these pieces [n, positions], by the terms of their classes."""
    total = np.zeros((len(pieces), terms._additive.width), np.float32)
    for position, view in enumerate(terms.views):
        own = pieces[:, position]
        total += alone[position][own]
        for at in terms.meeting(position):
            sight = view.sights[at]
            has = sight.own[own] >= 0
            near = {other: terms.views[other].near(sight.reach)[pieces[has, other]] for other in terms.seen(sight)}
            total[has] += terms.terms(position, at, sight.own[own[has]], near)
    return total
