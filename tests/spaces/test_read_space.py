"""What of a file of synthons is a space, and what is left out and said."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from made_spaces import AMIDES, HEADER, rdkits

from molq.chem.synthons.joining import joined_or_reason, synthon_or_reason
from molq.errors import InputError
from molq.spaces.read_space import read_space
from molq.spaces.space import Space


def space(folder: Path, text: str) -> Space:
    (folder / "space.txt").write_text(text)
    return read_space(folder / "space.txt")


def test_reactions_and_positions(tmp_path: Path) -> None:
    found = space(tmp_path, AMIDES + "[1*]C\tx\tsynton_10\tother\n[1*]N\ty\tsynton_9\tother\n")
    assert [(r.id, [len(p) for p in r.positions]) for r in found.reactions] == [("amide", [2, 3]), ("other", [1, 1])]
    assert found.reactions[1].positions[0][0].id == "y"  # synton_9 before synton_10
    assert (found.n_products, found.left_out, found.notes) == (7, {}, ())


def test_what_takes_part_in_no_product_is_left_out_and_counted(tmp_path: Path) -> None:
    bad = "C(\ta\t0\tamide\nCCO\tb\t0\tamide\nCC(=O)[1*]\tacetyl\t0\tamide\n[1*]CC[2*]\tc\t0\tamide\n"
    found = space(tmp_path, AMIDES + bad)
    assert found.n_products == 6
    assert found.left_out == {
        "not a molecule that RDKit reads": 1,
        "no connector, [1*] to [4*]": 1,
        "stands in its position already": 1,
        "its connectors are not those of its position": 1,
    }
    assert found.notes == (
        "amide: 1 of 3 synthons of position 0 have other connectors than [1*], such as c, and are left out",
    )


def test_a_reaction_whose_connectors_do_not_pair_is_told(tmp_path: Path) -> None:
    found = space(tmp_path, HEADER + "[1*]C[3*]\ta\t0\tr\n[1*]O\tb\t1\tr\n")
    assert found.notes == ("r: [3*] pairs with nothing, and stays an open end of every product",)
    many = space(tmp_path, HEADER + "[1*]C\ta\t0\tr\n[1*]O\tb\t1\tr\n[1*]O\tb\t2\tr\n")
    assert many.notes[0] == "r: [1*] stands more than twice, so that no product can be made"


def test_bonds_that_do_not_match_are_told(tmp_path: Path) -> None:
    found = space(tmp_path, HEADER + "[1*]C\ta\t0\tr\n[1*]=CC\tb\t1\tr\n[1*]=CN\tc\t1\tr\n[1*]CN\td\t1\tr\n")
    assert found.notes == (
        "r: [1*] joins bonds of different kinds, single in 1 of position 0 (such as a), double in 2 of position 1"
        " (such as b), single in 1 of position 1 (such as d); RDKit takes the double bond",
    )
    assert found.n_products == 3
    same = space(tmp_path, HEADER + "[1*]=C\ta\t0\tr\n[1*]=CC\tb\t1\tr\n")
    assert same.notes == ()
    (own,) = space(tmp_path, HEADER + "[1*]#CCCC=[1*]\ta\t0\tr\n").notes[:1]
    assert own.endswith("RDKit takes the first that is not single")


@pytest.mark.parametrize(("synthons", "kind"), [(["C[1*]", "N[1*]"], "single"), (["C=[1*]", "N=[1*]"], "double")])
def test_the_bond_that_a_note_names_is_the_one_that_rdkit_makes(synthons: list[str], kind: str) -> None:
    for partner, wins in (("[1*]C", kind), ("[1*]=C", "double")):
        for one in synthons:
            for pair in ([one, partner], [partner, one]):
                found = [synthon_or_reason(text) for text in pair]
                product = joined_or_reason([mol for mol in found if not isinstance(mol, str)])
                assert not isinstance(product, str)
                assert str(product.GetBonds()[0].GetBondType()).lower() == wins


def test_products_that_rdkit_refuses_are_told(tmp_path: Path) -> None:
    found = space(tmp_path, HEADER + "[1*]C(C)(C)C\ta\t0\tr\n[1*]=C\tb\t1\tr\n[1*]C\tc\t1\tr\n")
    assert found.n_products == 2
    assert found.notes[-1].startswith("RDKit refuses 1 of 2 random products, most often for: explicit valence for atom")


def test_many_synthons_in_one_position_take_little_memory(tmp_path: Path) -> None:
    n = 5_000
    (tmp_path / "space.txt").write_text(HEADER + "[1*]O\to\t0\tr\n" + "".join(f"[1*]NC\t{i}\t1\tr\n" for i in range(n)))
    tracemalloc.start()
    found = read_space(tmp_path / "space.txt")
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.n_products == n
    assert peak < 1000 * n
    assert kept < 600 * n


def test_a_reaction_with_an_empty_position_has_no_products(tmp_path: Path) -> None:
    found = space(tmp_path, AMIDES + "[1*]C\ta\t0\tr\nCC\tb\t1\tr\n")
    assert [reaction.id for reaction in found.reactions] == ["amide"]
    assert found.notes == ("r: position 1 has no synthon, so that there are no products",)
    with pytest.raises(InputError, match="no reaction has synthons in every position; left out: 1 no connector"):
        space(tmp_path, HEADER + "CC\ta\t0\tr\n")


def test_a_space_of_one_synthon(tmp_path: Path) -> None:
    assert space(tmp_path, HEADER + "[1*]CCCC[1*]\ta\t0\tr\n").n_products == 1


def test_more_products_than_can_be_counted_are_refused(tmp_path: Path) -> None:
    lines = (f"[1*]{'C' * (1 + i)}[1*]\t{i}\t{k}\tr\n" for k in range(19) for i in range(10))
    with pytest.raises(InputError, match=r"spans 1.0e\+19 products; 1e\+18 are the most"):
        space(tmp_path, HEADER + "".join(lines))


def test_public_spaces_have_the_sizes_that_their_sources_state() -> None:
    idorsia = read_space(rdkits("idorsia_toy_space_a.txt.gz"))
    assert (len(idorsia.reactions), idorsia.n_synthons, idorsia.n_products) == (6, 312, 29_200)
    assert read_space(rdkits("triazole_space.txt.gz")).n_products == 8
