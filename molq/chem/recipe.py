"""What is made of a SMILES before a model sees it: which hydrogens are atoms, whether stereo marks count."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from molq.chem.molecule_features.names import require_names
from molq.errors import InputError

Hydrogens = Literal["implicit", "explicit", "kept", "kept+explicit"]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the graphs of a model's molecules are made; two models of one recipe take the same graphs.

    ``hydrogens``: ``implicit``, a hydrogen that a SMILES writes as an atom is folded into its neighbour; ``explicit``,
    after that every hydrogen becomes an atom, behind those of the SMILES (chemprop's ``--add-h``); ``kept``, those
    written stay atoms where they stand (``--keep-h``); ``kept+explicit``, those stay and all others become atoms too.
    The last two differ in the order of neighbours, on which the tags of tetrahedral centres depend.

    >>> Recipe(hydrogens="explicit").in_words
    'explicit hydrogens'
    """

    hydrogens: Hydrogens = "implicit"
    ignore_stereo: bool = False
    """no tag of a tetrahedral centre or of a double bond counts"""
    molecule_features: tuple[str, ...] = ()
    """computed for the molecule as a whole, by name, and taken beside the graph's vector"""

    def __post_init__(self) -> None:
        if self.hydrogens not in get_args(Hydrogens):
            raise InputError(
                f"hydrogens must be one of {', '.join(get_args(Hydrogens))}, not {str(self.hydrogens)[:40]!r}"
            )
        require_names(self.molecule_features)

    @property
    def keeps_hydrogens(self) -> bool:
        """Whether hydrogens that are written as atoms stay atoms."""
        return self.hydrogens.startswith("kept")

    @property
    def adds_hydrogens(self) -> bool:
        """Whether every hydrogen is an atom."""
        return self.hydrogens.endswith("explicit")

    @property
    def in_words(self) -> str:
        """What sets it apart from the plain recipe; "" for that one."""
        parts = [] if self.hydrogens == "implicit" else [f"{self.hydrogens.replace('+', ' and ')} hydrogens"]
        parts += ["stereo ignored"] if self.ignore_stereo else []
        return ", ".join([*parts, *self.molecule_features])


PLAIN = Recipe()
"""implicit hydrogens, stereo, and nothing beside the graph"""
