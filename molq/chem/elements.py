"""Names of the elements."""

from __future__ import annotations

from rdkit import Chem


def element_symbol(atomic_number: int) -> str:
    """The symbol of an element, "*" for 0.

    >>> element_symbol(35)
    'Br'
    """
    return str(Chem.GetPeriodicTable().GetElementSymbol(atomic_number))
