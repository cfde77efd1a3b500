"""SMILES bytes to atoms and bonds, in the order that RDKit's parser gives them.

Sources: OpenSMILES; RDKit, Code/GraphMol/SmilesParse/smiles.yy (grammar), SmilesParseOps.cpp (CloseMolRings: bonds of
ring closures stand after all others, by label, then by closing; AdjustAtomChiralityFlags).
"""

from __future__ import annotations

import numba

from molq.chem.fastpath.elements import AROMATIC, SYMBOLS
from molq.chem.fastpath.verdicts import AROMATIC_INPUT, SIZE, SURE, SYMBOL, SYNTAX, jit
from molq.chem.fastpath.workspace import HYDROGEN, MAX_ATOMS, MAX_BONDS, MAX_NEIGHBOURS, MAX_OPEN_BRANCHES, N_LABELS

inlined = numba.njit(inline="always")


@inlined
def _digit(byte):
    return 48 <= byte <= 57


@jit
def read(text, start, stop, w):
    """(verdict, number of atoms, number of bonds) of the SMILES ``text[start:stop]``; the molecule is left in ``w``."""
    n_atoms = n_bonds = n_closures = n_branches = n_open = 0
    previous, order, direction = -1, 0, 0
    at, wants_atom = start, True  # an atom must come before a ring label, a branch, its end or a dot
    for label in range(N_LABELS):
        w.ring_atom[label] = -1
    while stop > start and (text[stop - 1] == 32 or text[stop - 1] == 9):
        stop -= 1  # RDKit reads what stands behind a blank as a name
    while at < stop:
        byte = text[at]
        symbol = SYMBOLS[byte]
        if symbol != 0 or byte == 91:
            if n_atoms >= MAX_ATOMS - 1 or n_bonds >= MAX_BONDS - N_LABELS:
                return SIZE, 0, 0
            atom = n_atoms
            n_atoms += 1
            w.n_written[atom] = 0
            if byte == 91:
                verdict, at = _read_bracket(text, at + 1, stop, atom, w)
                if verdict != SURE:
                    return verdict, 0, 0
            else:
                at = _read_bare(text, at, stop, atom, w)
            if previous >= 0:
                if w.n_written[previous] >= MAX_NEIGHBOURS:
                    return SIZE, 0, 0
                if order == 4 and not (w.lower[previous] and w.lower[atom]):
                    return AROMATIC_INPUT, 0, 0
                w.begin[n_bonds], w.end[n_bonds] = previous, atom
                w.order[n_bonds] = _order(order, previous, atom, w)
                w.direction[n_bonds] = direction
                n_bonds += 1
                _write(previous, atom, w)
                _write(atom, previous, w)
            elif order != 0:
                return SYNTAX, 0, 0
            if w.bracket_h[atom] == 1 and w.tag[atom] != 0:
                _write(atom, HYDROGEN, w)
            previous, order, direction = atom, 0, 0
            wants_atom = False
        elif _digit(byte) or byte == 37:
            if wants_atom:
                return SYNTAX, 0, 0
            label, at = _read_label(text, at, stop)
            if label < 0:
                return SYMBOL, 0, 0
            if w.n_written[previous] >= MAX_NEIGHBOURS:
                return SIZE, 0, 0
            if w.ring_atom[label] < 0:
                n_open += 1
                w.ring_atom[label], w.ring_slot[label] = previous, w.n_written[previous]
                w.ring_order[label], w.ring_direction[label] = order, direction
                _write(previous, -2 - label, w)
            else:
                if n_closures >= N_LABELS:
                    return SIZE, 0, 0
                verdict = _close(label, previous, order, direction, n_closures, w)
                if verdict != SURE:
                    return verdict, 0, 0
                n_open -= 1
                n_closures += 1
            order = direction = 0
        elif byte == 40:
            if wants_atom or order != 0:
                return SYNTAX, 0, 0
            if n_branches >= MAX_OPEN_BRANCHES:
                return SIZE, 0, 0
            w.branch[n_branches] = previous
            n_branches += 1
            wants_atom = True
            at += 1
        elif byte == 41:
            if n_branches == 0 or order != 0 or wants_atom:
                return SYNTAX, 0, 0
            n_branches -= 1
            previous = w.branch[n_branches]
            at += 1
        elif byte == 46:
            if order != 0 or n_branches != 0 or wants_atom:
                return SYNTAX, 0, 0
            previous, wants_atom = -1, True
            at += 1
        else:
            if order != 0:
                return SYNTAX, 0, 0
            order, direction = _bond(byte)
            if order == 0:
                return SYMBOL, 0, 0
            at += 1
    if n_branches != 0 or order != 0 or n_open != 0 or wants_atom:
        return SYNTAX, 0, 0
    _append_closures(n_bonds, n_closures, w)
    return SURE, n_atoms, n_bonds + n_closures


@inlined
def _write(atom, neighbour, w):
    w.written[atom, w.n_written[atom]] = neighbour
    w.n_written[atom] += 1


@inlined
def _bond(byte):
    """(order, direction) of a bond symbol; order 0 for one that is not read here."""
    if byte == 45:
        return 1, 0
    if byte == 61:
        return 2, 0
    if byte == 35:
        return 3, 0
    if byte == 47:
        return 1, 1
    if byte == 92:
        return 1, 2
    if byte == 58:
        return 4, 0
    return 0, 0


@inlined
def _order(stated, a, b, w):
    """A bond without symbol is aromatic between two atoms in lower case, else single."""
    if stated != 0:
        return stated
    return 4 if w.lower[a] and w.lower[b] else 1


@jit
def _read_bare(text, at, stop, atom, w):
    """An atom without bracket; where the text goes on."""
    byte = text[at]
    symbol = SYMBOLS[byte]
    at += 1
    number = symbol % AROMATIC
    if at < stop:
        if byte == 67 and text[at] == 108:
            number, at = 17, at + 1
        elif byte == 66 and text[at] == 114:
            number, at = 35, at + 1
    w.element[atom], w.lower[atom] = number, 1 if symbol >= AROMATIC else 0
    w.charge[atom], w.bracket_h[atom], w.tag[atom], w.mapped[atom] = 0, -1, 0, 0
    return at


@jit
def _read_bracket(text, at, stop, atom, w):
    """(verdict, where the text goes on) of an atom in brackets, from behind the opening one."""
    if at >= stop:
        return SYNTAX, at
    number, lower, width = _bracket_element(text, at, stop)
    if number == 0:
        return SYMBOL, at
    at += width
    tag = hydrogens = charge = mapped = 0
    if at < stop and text[at] == 64:
        tag, at = 2, at + 1
        if at < stop and text[at] == 64:
            tag, at = 1, at + 1
    if at < stop and text[at] == 72:
        hydrogens, at = 1, at + 1
        if at < stop and _digit(text[at]):
            hydrogens, at = int(text[at]) - 48, at + 1
    if at < stop and (text[at] == 43 or text[at] == 45):
        sign = 1 if text[at] == 43 else -1
        charge, at = sign, at + 1
        if at < stop and _digit(text[at]):
            charge, at = sign * (int(text[at]) - 48), at + 1
        elif at < stop and text[at] == text[at - 1]:
            charge, at = 2 * sign, at + 1
    if at < stop and text[at] == 58:
        mapped, at = 1, at + 1
        n_digits = 0
        while at < stop and _digit(text[at]):
            at += 1
            n_digits += 1
        if n_digits == 0 or n_digits > 3:
            return SYMBOL, at
    if at >= stop or text[at] != 93:
        return SYMBOL, at
    w.element[atom], w.lower[atom], w.charge[atom] = number, lower, charge
    w.bracket_h[atom], w.tag[atom], w.mapped[atom] = hydrogens, tag, mapped
    return SURE, at + 1


@jit
def _bracket_element(text, at, stop):
    """(atomic number, 1 for lower case, bytes read); number 0 for what is not read here."""
    byte = text[at]
    after = text[at + 1] if at + 1 < stop else 0
    if byte == 67 and after == 108:
        return 17, 0, 2
    if byte == 66 and after == 114:
        return 35, 0, 2
    if byte == 83 and after == 105:
        return 14, 0, 2
    if byte == 83 and after == 101:
        return 34, 0, 2
    if byte == 115 and after == 101:
        return 34, 1, 2
    symbol = SYMBOLS[byte]
    if symbol == 0 or 97 <= after <= 122:
        return 0, 0, 0
    return symbol % AROMATIC, 1 if symbol >= AROMATIC else 0, 1


@jit
def _read_label(text, at, stop):
    """(ring label, where the text goes on); label -1 for a form that is not read here."""
    if text[at] != 37:
        return int(text[at]) - 48, at + 1
    if at + 2 >= stop or not (_digit(text[at + 1]) and _digit(text[at + 2])):
        return -1, at
    return (int(text[at + 1]) - 48) * 10 + int(text[at + 2]) - 48, at + 3


@jit
def _close(label, atom, order, direction, n_closures, w):
    """The bond of a ring closure, from the atom that states its order, else from the closing one."""
    opening, opening_order, opening_direction = w.ring_atom[label], w.ring_order[label], w.ring_direction[label]
    if opening == atom:
        return SYNTAX
    for k in range(w.n_written[atom]):
        if w.written[atom, k] == opening:
            return SYNTAX
    if (direction != 0 or opening_direction != 0) and w.lower[atom] and w.lower[opening]:
        return SYMBOL
    if order != 0 and opening_order != 0 and order != opening_order:
        return SYNTAX
    if (order == 4 or opening_order == 4) and not (w.lower[atom] and w.lower[opening]):
        return AROMATIC_INPUT
    begin, end = atom, opening
    if opening_order != 0 and opening_direction == 0:
        if direction != 0:
            return SYMBOL
        begin, end = opening, atom
    if direction == 0 and opening_direction != 0:
        if order != 0:
            return SYMBOL
        direction = 3 - opening_direction
    w.closure[n_closures, 0], w.closure[n_closures, 1] = begin, end
    w.closure[n_closures, 2] = _order(order if order != 0 else opening_order, opening, atom, w)
    w.closure[n_closures, 3], w.closure[n_closures, 4] = direction, label
    w.written[opening, w.ring_slot[label]] = atom
    _write(atom, opening, w)
    w.ring_atom[label] = -1
    return SURE


@jit
def _append_closures(n_bonds, n_closures, w):
    """Ring closures behind the other bonds, by label; those of one label in the order of closing."""
    for k in range(1, n_closures):
        j = k
        while j > 0 and w.closure[j - 1, 4] > w.closure[j, 4]:
            for c in range(5):
                w.closure[j - 1, c], w.closure[j, c] = w.closure[j, c], w.closure[j - 1, c]
            j -= 1
    for k in range(n_closures):
        b = n_bonds + k
        w.begin[b], w.end[b] = w.closure[k, 0], w.closure[k, 1]
        w.order[b], w.direction[b] = w.closure[k, 2], w.closure[k, 3]
