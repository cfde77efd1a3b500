"""Products are those of RDKit's own enumeration, and a draw is uniform over what RDKit accepts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from made_spaces import AMIDES, HEADER, lines_of, rdkits
from rdkit import Chem
from scipy.stats import chisquare

from molq.errors import InputError
from molq.spaces.products import all_combinations, draw, spelled
from molq.spaces.read_space import read_space
from molq.spaces.space import Space


def space(folder: Path, text: str) -> Space:
    (folder / "space.txt").write_text(text)
    return read_space(folder / "space.txt")


@pytest.mark.parametrize("name", ["amide", "triazole", "urea", "doebner_miller"])
def test_products_are_those_that_rdkit_enumerates(name: str) -> None:
    found = read_space(rdkits(f"{name}_space.txt.gz"))
    expected = Counter(Chem.CanonSmiles(line.split()[0]) for line in lines_of(rdkits(f"{name}_space_enum.smi.gz")))
    assert Counter(Chem.CanonSmiles(one.smiles) for one in spelled(all_combinations(found))) == expected


def test_products_of_six_reactions_are_those_that_rdkit_enumerates() -> None:
    """Every ninetieth of 29,200, named reaction_i_j_k; an open connector is spelled [*:3] there too."""
    found = read_space(rdkits("idorsia_toy_space_a.txt.gz"))
    expected = {}
    for line in lines_of(rdkits("idorsia_toy_space_enum.smi.gz")):
        smiles, name = line.split()
        expected[name] = smiles
    n_compared = 0
    for reaction in found.reactions:
        sizes = [len(position) for position in reaction.positions]
        for number in range(0, reaction.n_products, 90):
            places, rest = [], number
            for size in reversed(sizes):
                rest, place = divmod(rest, size)
                places.append(place)
            name = "_".join((reaction.id, *map(str, reversed(places))))
            (one,) = spelled([reaction.combination(number)])
            assert Chem.CanonSmiles(one.smiles) == Chem.CanonSmiles(expected[name])
            n_compared += 1
    assert n_compared > 300


def test_a_draw_is_uniform_over_the_products_and_repeats_none(tmp_path: Path) -> None:
    found = space(tmp_path, AMIDES + "[1*]O\tx\t0\tother\n[1*]C\ty\t1\tother\n")
    drawn = Counter(one.combination.id for seed in range(700) for one in draw(found, 1, seed).products)
    assert len(drawn) == 7
    assert chisquare(list(drawn.values())).pvalue > 1e-3
    whole = draw(found, 100).products
    assert len({one.combination for one in whole}) == len(whole) == 7
    assert [one.combination for one in draw(found, 3).products] == [one.combination for one in whole[:3]]


def test_products_that_rdkit_refuses_are_counted_and_not_drawn(tmp_path: Path) -> None:
    refused = "CC(C)(C)[1*]\ta\t0\tr\nC[1*]\tb\t0\tr\nC=[1*]\tc\t1\tr\n"
    drawn = draw(space(tmp_path, HEADER + refused), 2)
    assert [one.smiles for one in drawn.products] == ["C=C"]
    assert list(drawn.refused.values()) == [1]
    assert "valence" in next(iter(drawn.refused))
    hopeless = HEADER + "".join(f"CC(C)(C{'C' * i})[1*]\t{i}\t0\tr\n" for i in range(200)) + "C=[1*]\tc\t1\tr\n"
    with pytest.raises(InputError, match="RDKit refuses 100 of 100 products that were drawn"):
        draw(space(tmp_path, hopeless), 1)
