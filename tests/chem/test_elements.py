from rdkit import Chem

from molq.chem.elements import element_symbol


def test_symbols_are_those_of_rdkits_atoms():
    assert element_symbol(0) == "*"
    assert [element_symbol(z) for z in range(1, 119)] == [Chem.Atom(z).GetSymbol() for z in range(1, 119)]
