"""Whether a text has the form of a SMILES: enough where it agrees with a name. What it doubts, RDKit judges."""

from __future__ import annotations

import re

_ATOM = r"(?:\[[^\[\]\s]+\]|Br|Cl|[BCNOPSFI]|[bcnops*])"
_RING = r"(?:[-=#$:/\\\\]?(?:\d|%\d\d))"
_FORM = re.compile(rf"{_ATOM}(?:[-=#$:/\\\\.~]?{_ATOM}|{_RING}|\((?=[^)])[-=#$:/\\\\.~]?|\))*\Z")
_EXTENSION = re.compile(r" \|[^|]*\|\Z")
_OUTSIDE = re.compile(r"\[[^\]]*\]")
_RING_NUMBER = re.compile(r"%\d\d|\d")
_MOST_CHARACTERS = 10_000


def has_smiles_form(text: str) -> bool:
    """Whether atoms, bonds, branches and ring numbers follow each other as in a SMILES, all closed that are open.

    Of a text of megabytes the matching would take gigabytes: of one that no molecule has it is always a doubt.
    """
    if len(text) > _MOST_CHARACTERS:
        return False
    bare = _EXTENSION.sub("", text)
    if not _FORM.match(bare):
        return False
    outside = _OUTSIDE.sub("*", bare)
    rings = _RING_NUMBER.findall(outside)
    return outside.count("(") == outside.count(")") and all(rings.count(ring) % 2 == 0 for ring in set(rings))
