"""Pieces: what a product is taken apart into, and the ways in which marks of stereo may be spelled."""

from __future__ import annotations

from molq.chem.recipe import PLAIN
from molq.chem.synthons.tracing import ports, traced
from molq.spaces.pieces import MAX_TURNED, Join, Piece, joins_of, taken_apart

SYNTHONS = ("C[C@H](CC(C1)N[1*])CN1C([2*])=O", "O=C(NC1COC1)[1*]", "Fc1nccnc1[2*]")


def taken(synthons: tuple[str, ...]):
    begun = [ports(smiles) for smiles in synthons]
    return taken_apart(traced([synthons], PLAIN), 0, joins_of(begun), begun, range(len(synthons)))


def test_joins_are_where_two_positions_have_a_connector() -> None:
    assert joins_of([ports(smiles) for smiles in SYNTHONS]) == (Join(1, (0, 1)), Join(2, (0, 2)))
    assert joins_of([{1: 0}, {2: 0}]) == ()


def test_a_product_is_all_of_its_pieces_and_joins() -> None:
    graphs = traced([SYNTHONS], PLAIN).graphs
    found = taken(SYNTHONS)
    assert sorted(int(code) for piece in found.pieces for code in piece.atoms) == sorted(graphs.atoms.tolist())
    bonds = [int(code) for piece in found.pieces for code in piece.bonds]
    assert sorted([*bonds, *found.joins]) == sorted(graphs.bonds.tolist())
    assert [piece.ports.tolist() for piece in found.pieces] == [[5, 8], [1, -1], [-1, 6]]


def test_a_piece_far_from_the_join_looks_the_same_beside_any_partner() -> None:
    one, other = taken(("CC(=O)[1*]", "[1*]NCCCO")), taken(("O=C([1*])c1ccccc1", "[1*]NCCCO"))
    assert one.pieces[1].content == other.pieces[1].content
    assert one.around(0) == other.around(0)
    assert one.around(1) != other.around(1)


def spellings(smiles: str) -> list[Piece]:
    return taken((smiles, "[1*]C")).pieces[0].spellings(())


def test_every_spelling_of_stereo_is_made() -> None:
    assert len(spellings("CCN[1*]")) == 1
    for smiles, n in [("C[C@H](O)N[1*]", 2), ("C/C=C/C[1*]", 2), (r"C/C=C/[C@H](F)[C@@H](O)N[1*]", 8)]:
        found = spellings(smiles)
        assert len({piece.spelling for piece in found}) == len(found) == n
        assert len({piece.content for piece in found}) == 1


def test_of_many_centres_those_are_taken_that_were_seen() -> None:
    sugar = "OC[C@H]1O[C@@H](N[1*])[C@H](O)[C@@H](O)[C@@H]1O"
    assert len(spellings(sugar)) == 1
    piece = taken((sugar, "[1*]C")).pieces[0]
    assert sum(tag in (1, 2) for tag in (piece.atoms >> 17 & 7).tolist()) > MAX_TURNED
    other = piece._replace(atoms=piece.atoms ^ (piece.atoms & 0))
    turned = piece._replace(synthon=7, atoms=piece.atoms ^ ((piece.atoms >> 17 & 3 > 0) * (3 << 17)).astype("u8"))
    assert len(piece.spellings([other, turned])) == 2
    assert all(one.synthon == piece.synthon for one in piece.spellings([turned]))
