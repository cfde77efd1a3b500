"""How the properties of a set differ from those of a library, in a chemist's words."""

from __future__ import annotations

import re

_MEANS = re.compile(r"mean (\S+) in the set, (\S+) in (.+)")
_SAME = 0.1
_WORDS = {
    "heavy atoms": ("are too small", "are too large"),
    "molecular weight": ("are too light", "are too heavy"),
    "logP": ("are not lipophilic enough", "are too lipophilic"),
    "TPSA": ("have too little polar surface", "have too much polar surface"),
    "H-bond donors": ("have too few H-bond donors", "have too many H-bond donors"),
    "H-bond acceptors": ("have too few H-bond acceptors", "have too many H-bond acceptors"),
    "rotatable bonds": ("are too rigid", "are too flexible"),
    "rings": ("have too few rings", "have too many rings"),
    "aromatic rings": ("have too few aromatic rings", "have too many aromatic rings"),
    "formal charge": ("are charged too negatively", "are charged too positively"),
    "fraction sp³": ("are too flat", "are too saturated"),
    "hetero atoms": ("have too few hetero atoms", "have too many hetero atoms"),
}
"""label of a property → of a mean that is too low, of one that is too high"""


def property_words(label: str, finding: str) -> str:
    """``the set’s molecules are too small: heavy atoms 17 on average, 23 in the library``.

    ``finding`` names both means; where they are about the same, the values are distributed otherwise.
    """
    means = _MEANS.fullmatch(finding)
    if means is None or label not in _WORDS:
        return f"{label}: {finding}"
    ours, theirs, place = float(means[1]), float(means[2]), means[3]
    numbers = f"{label} {means[1]} on average, {means[2]} in {place}"
    if abs(ours - theirs) <= _SAME * max(abs(ours), abs(theirs)):
        return f"the set’s molecules vary otherwise than the library’s: {numbers}"
    return f"the set’s molecules {_WORDS[label][ours > theirs]}: {numbers}"
