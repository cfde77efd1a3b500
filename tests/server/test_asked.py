from __future__ import annotations

import pytest

from molq.server.asked import PredictBody, decoded, file_name, molecules_of_json
from molq.server.limits import Limits
from molq.server.refusal import Refusal


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\lib (1).sdf", "lib (1).sdf"),
        ("/", "molecules"),
        ("..", "molecules"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("<img src=x>.csv", "_img src_x_.csv"),
        ("\u202efdp.csv", "_fdp.csv"),
        ("x" * 500 + ".csv", "x" * 196 + ".csv"),
        ("", "molecules"),
    ],
)
def test_names_of_files_are_shown_and_never_paths(given, name):
    found = file_name(given, Limits())
    assert found == name
    assert "/" not in found


def test_a_value_of_another_type_names_its_row():
    with pytest.raises(Refusal) as refused:
        decoded(b'{"smiles": ["C", 1]}', PredictBody)
    assert (refused.value.status, refused.value.row) == (422, 1)
    assert "row 1" in refused.value.message


def test_identifiers_go_with_molecules():
    assert molecules_of_json(PredictBody(("C",), ("a",)), Limits()).identifiers == ("a",)
    with pytest.raises(Refusal, match="0 identifiers for 1 smiles"):
        molecules_of_json(PredictBody(("C",), ()), Limits())


def test_what_is_not_read_of_a_text_is_told():
    found = molecules_of_json(PredictBody((" CCO ", "C\nO", "CCN |$a;b;c$|")), Limits())
    assert found.notes == ("1 row holds text after its SMILES, which is not read",)
