"""What the fast path says of a molecule: sure, or why RDKit is asked."""

from __future__ import annotations

from molq.compiled import compiler

jit = compiler(__file__)

SURE = 0
SYNTAX = 1  # no SMILES that we know; RDKit says what is wrong with it, if anything is
SYMBOL = 2  # isotopes, explicit hydrogen atoms, metals, wildcards, bonds and classes that are not read here
SIZE = 3  # more atoms, bonds or neighbours than there is room for
AROMATIC_INPUT = 4  # lower-case atoms in a role that is not plain
VALENCE = 5  # radicals, odd valences, and what RDKit's clean-up rewrites
UNKNOWN_RINGS = 6  # a ring system that RDKit was not yet asked about
RINGS_OF_RDKIT = 7  # a ring system that RDKit keeps for itself: lower case that it does not find aromatic
TETRAHEDRAL = 8  # a tag that needs more than four neighbours of different priority
DOUBLE_BOND = 9  # directions that conflict, tie, or stand at a ring bond
N_VERDICTS = 10

NAMES = (
    "sure",
    "syntax",
    "symbol",
    "size",
    "aromatic input",
    "valence",
    "unknown ring system",
    "ring system left to RDKit",
    "tetrahedral stereo",
    "double-bond stereo",
)
