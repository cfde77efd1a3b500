"""Synthon files as people have them, and those that are none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from made_spaces import AMIDES

from molq.errors import InputError
from molq.spaces.synthon_table import SynthonLine, synthon_lines

CHEMSPACE = "#\n#  Copyright\n\nSMILES,synton_id,synton_role,reaction_id\n[U]CC,17,synton_1,a2\n[U]N,18,synton_2,a2\n"


def lines(folder: Path, data: bytes | str, name: str = "space.txt") -> list[SynthonLine]:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(synthon_lines(path))


def test_rdkits_and_chemspaces_format(tmp_path: Path) -> None:
    assert lines(tmp_path, AMIDES)[0] == SynthonLine("c1ccccc1C(=O)[1*]", "benzoyl", "0", "amide")
    assert lines(tmp_path, CHEMSPACE) == [
        SynthonLine("[U]CC", "17", "synton_1", "a2"),
        SynthonLine("[U]N", "18", "synton_2", "a2"),
    ]


@pytest.mark.parametrize(
    "spelled",
    [
        gzip.compress(AMIDES.encode()),
        AMIDES.replace("\n", "\r\n").encode(),
        AMIDES.replace("\t", "\t\t").encode(),
        AMIDES.encode("utf-16"),
        AMIDES.rstrip("\n").encode(),
        AMIDES.replace("SMILES\tsynton_id\tsynton#", "smiles\tSYNTHON_ID\tsynthon_role").encode(),
    ],
)
def test_spelled_otherwise_it_is_the_same(tmp_path: Path, spelled: bytes) -> None:
    assert lines(tmp_path, spelled) == lines(tmp_path, AMIDES)


def test_columns_may_stand_in_any_order_and_others_beside_them(tmp_path: Path) -> None:
    found = lines(tmp_path, "reaction_id release synton# synton_id SMILES\nr 2024 1 x [1*]C\n")
    assert found == [SynthonLine("[1*]C", "x", "1", "r")]


def test_quoted_commas_and_empty_fields_that_nobody_needs(tmp_path: Path) -> None:
    header = "SMILES, synton_id, synton#, note, reaction_id\n"
    found = lines(tmp_path, header + '"[1*]C","a,b","0",,"amide"\n[1*]N, c d , 1,"x ""y""",amide\n')
    assert found == [SynthonLine("[1*]C", "a,b", "0", "amide"), SynthonLine("[1*]N", "c d", "1", "amide")]
    assert lines(tmp_path, "SMILES synton_id synton# reaction_id\n[1*]C a,b 0 r\n")[0].id == "a,b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no synthons; its first line names the columns: SMILES, synton_id"),
        ("# nothing\n\n", "holds no synthons"),
        ("CCO ethanol\n", "line 1: no column smiles; a file of synthons has"),
        ("SMILES,synton_id,synton#,reaction_id\n[1*]C,1,0\n", "line 2: 3 fields where 4 are needed"),
        ("SMILES,synton_id,synton#,reaction_id,year\n[1*]C,,0,amide,2023\n", "line 2: the id is empty"),
        ("SMILES,synton_id,synton#,reaction_id\n[1*]C,a,0,\n", "line 2: the reaction is empty"),
        ("SMILES\tsynton_id\tsynton#\treaction_id\tyear\n[1*]C\t\t0\tamide\t2023\n", "4 fields where the header"),
        ("SMILES\tsynton_id\tsynton#\treaction_id\n[1*]C\ta b\t0\tamide\n", "line 2: 5 fields where the header"),
        ('SMILES,synton_id,synton#,reaction_id\n"[1*]C,a,0,amide\n', "line 2: 1 fields where 4 are needed"),
        ("SMILES,synton_id,synton#,reaction_id\n[1*]C," + "a" * 200_000 + ",0,r\n", "line 2: field larger than"),
    ],
)
def test_what_is_no_synthon_file_says_why(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        lines(tmp_path, text)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a line of more than 1 MiB"):
        lines(tmp_path, AMIDES + "C" * (3 << 20))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(synthon_lines(tmp_path / "none.txt"))
    (tmp_path / "folder").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "folder" / name).write_text(AMIDES)
    with pytest.raises(InputError, match="2 files; a space is one"):
        list(synthon_lines(tmp_path / "folder"))
