"""Ring systems fall into the pieces that can be aromatic, where that cannot change RDKit's verdict."""

import pytest


@pytest.mark.parametrize(
    ("smiles", "pieces"),
    [
        ("C1CCCCC1", []),
        ("c1ccccc1", [6]),
        ("C1CCc2ccccc2C1", [6]),
        ("C1CC=CCC1", []),
        ("c1ccc2c(c1)CC1(C2)Cc2ccccc2C1", [6, 6]),
        ("c1ccc2c(c1)Cc1ccccc1C2", [6, 6]),
        ("c1ccc2c(c1)Cc1ccccc1-2", [13]),  # the bridge meets its piece at two atoms that are not joined
        ("C1=CC2=CC=CC(=C1)CC2", [10]),  # a bridge across a ring of eight
        ("O=C1NCc2ccccc21", [6]),
        ("c1ccccc1.C1CCCC1.c1ccoc1", [6, 5]),
    ],
)
def test_sizes(perceived, smiles, pieces):
    found = perceived(smiles)
    numbers = [number for number in found.atoms("piece") if number >= 0]
    assert sorted(numbers.count(number) for number in set(numbers)) == sorted(pieces)


def test_a_bridged_annulene_keeps_rdkits_verdict(share_equal):
    assert share_equal(["C1=CC2=CC=CC3=CC=CC(=C1)C23", "C1=CC2=CC=CC(=CC=C1)C2", "c1cc2cccc(cc1)C2"]) <= 1
