"""The tables of elements are RDKit's periodic table."""

from rdkit import Chem

from molq.chem.fastpath.elements import AROMATIC, LEAST_VALENCE, OUTER, OUTER_ELECTRONS, SYMBOLS, VALENCES

TABLE = Chem.GetPeriodicTable()


def test_valences_and_outer_electrons():
    for number, valences in VALENCES.items():
        assert [v for v in TABLE.GetValenceList(number) if v > 0] == list(valences), number
        assert LEAST_VALENCE[number] == valences[0]
    for number, electrons in OUTER_ELECTRONS.items():
        assert TABLE.GetNOuterElecs(number) == electrons
        assert OUTER[number] == electrons
    assert VALENCES.keys() == OUTER_ELECTRONS.keys()


def test_symbols():
    for byte in range(256):
        if number := int(SYMBOLS[byte]):
            assert TABLE.GetElementSymbol(number % AROMATIC).upper() == chr(byte).upper()
            assert (number >= AROMATIC) == chr(byte).islower()
