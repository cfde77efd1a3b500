"""Bounds on properties, as people type them: ``mw<500``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from typing import NamedTuple

from molq.chem.properties import PROPERTIES
from molq.errors import InputError

ALIASES = {
    "mw": "mol_weight",
    "molwt": "mol_weight",
    "mol_wt": "mol_weight",
    "weight": "mol_weight",
    "molecular_weight": "mol_weight",
    "clogp": "logp",
    "alogp": "logp",
    "slogp": "logp",
    "psa": "tpsa",
    "hbd": "h_donors",
    "donors": "h_donors",
    "hba": "h_acceptors",
    "acceptors": "h_acceptors",
    "hac": "heavy_atoms",
    "heavy": "heavy_atoms",
    "rotb": "rotatable_bonds",
    "rb": "rotatable_bonds",
    "nrotb": "rotatable_bonds",
    "rotatable": "rotatable_bonds",
    "ring_count": "rings",
    "arom_rings": "aromatic_rings",
    "charge": "formal_charge",
    "fsp3": "fraction_sp3",
    "csp3": "fraction_sp3",
    "hetero": "hetero_atoms",
}
"""what properties are called elsewhere"""
_COMPARISONS = {
    "<=": operator.le,
    ">=": operator.ge,
    "≤": operator.le,
    "≥": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_PLAIN = {"≤": "<=", "≥": ">=", "==": "="}
_AND = re.compile(r"(?:\s+and\s+|\s*(?:,|;|&&?)\s*)", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*([^<>≤≥=]+?)\s*(<=|≤|<)\s*([A-Za-z][^<>≤≥=]*?)\s*(<=|≤|<)\s*([^<>≤≥=]+?)\s*\Z")
_TURNED = {"<": ">", "<=": ">=", "≤": ">="}
_FORM = re.compile(r"\s*([A-Za-z][\w \-]*?)\s*(<=|>=|==|!=|≤|≥|<|>|=)\s*([-+−]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*\Z")


class Condition(NamedTuple):
    """A property compared with a number."""

    name: str
    """of PROPERTIES"""
    comparison: str
    bound: float

    def is_met(self, properties: Mapping[str, float]) -> bool:
        """Whether the molecule of these properties meets it; one without a number does not."""
        value = properties[self.name]
        return not math.isnan(value) and bool(_COMPARISONS[self.comparison](value, self.bound))

    def __str__(self) -> str:
        return f"{self.name} {self.comparison} {self.bound:g}"


def conditions(text: str, parameter: str) -> tuple[Condition, ...]:
    """Every bound of ``mw<500 and 20<=tpsa<120``; ``and`` may be a comma.

    Raises InputError, which names the parameter, for any other text.
    """
    found = []
    for part in _AND.split(text.strip()):
        if between := _BETWEEN.match(part):
            low, opens, name, closes, high = between.groups()
            found += [
                condition(f"{name}{_TURNED[opens]}{low}", parameter),
                condition(f"{name}{closes}{high}", parameter),
            ]
        else:
            found.append(condition(part, parameter))
    return tuple(found)


def condition(text: str, parameter: str = "property") -> Condition:
    """What ``mw<500``, ``logP <= 5`` or ``TPSA<140`` asks for.

    Raises InputError, with the properties there are, for any other text.
    """
    found = _FORM.match(text)
    if found is None:
        raise InputError(
            f"`{parameter}` {text[:60]!r} must be a property, a comparison (< <= > >= = !=) and a number, such as"
            " mw<500"
        )
    word = re.sub(r"[\s\-]+", "_", found[1].strip().lower())
    name = ALIASES.get(word, word)
    if name not in PROPERTIES:
        short = ", ".join(
            f"{alias} ({name})" for alias, name in ALIASES.items() if alias in ("mw", "hbd", "hba", "rotb")
        )
        raise InputError(
            f"`{parameter}` {text[:60]!r}: there is no property {found[1].strip()!r}; those are"
            f" {', '.join(PROPERTIES)}; short: {short}"
        )
    return Condition(name, _PLAIN.get(found[2], found[2]), float(found[3].replace("−", "-")))
