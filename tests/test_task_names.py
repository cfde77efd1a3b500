from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molq.errors import InputError
from molq.task_names import (
    FILE_PART_BYTES,
    OWN_COLUMNS,
    file_parts,
    input_columns,
    require_distinct,
    require_task_names,
    task_columns,
    usable_task_names,
)

any_names = st.lists(st.text(min_size=1), min_size=1, max_size=12, unique=True)


@pytest.mark.parametrize("names", [["IC50 (nM)"], ["α-glucosidase", "β-glucosidase"], ["smiles", "Smiles"], ["=1+1"]])
def test_names_that_can_be_written(names):
    require_task_names(names)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no task"),
        (["a", "b", "a"], "`tasks` names 'a' twice"),
        ([""], "called ''"),
        ([" "], "called ' '"),
        (["a\nb"], r"'a\\nb' holds '\\n'.*another name"),
        (["a\x00"], r"holds '\\x00'"),
        (["a\x1b[2J"], r"holds '\\x1b'"),
        (["a\udce9"], r"holds '\\udce9'"),
        (["a\u2028b"], r"holds '\\u2028'"),
    ],
)
def test_names_that_cannot(names, words):
    with pytest.raises(InputError, match=words) as caught:
        require_task_names(names)
    assert str(caught.value).isprintable()


def test_what_stands_twice_is_told_with_its_parameter():
    with pytest.raises(InputError, match="`columns` names 'x' twice"):
        require_distinct(["x", "y", "x"], "columns")
    require_distinct(["x", "X"], "columns")


def test_columns_of_molq_keep_their_names_and_the_others_get_a_prefix():
    tasks = ["smiles", "active", "row", "task_row"]
    assert task_columns(tasks) == ["task_smiles", "active", "task_task_row", "task_row"]
    assert task_columns(["a", "int8:a"], ["int8:a"]) == ["a", "task_int8:a"]
    assert input_columns(["smiles", "active", "price", "input_active"], tasks) == [
        *("input_smiles", "input_input_active", "price", "input_active"),
    ]


@given(any_names, any_names)
def test_columns_are_always_different(tasks, kept):
    names = [*OWN_COLUMNS, *task_columns(tasks), *input_columns(kept, tasks)]
    assert len(set(names)) == len(names)


def test_files_are_called_as_readably_as_can_be():
    assert file_parts(["p53", "NR-AR", "a/b c"]) == ["p53", "NR-AR", "a_b_c"]
    assert file_parts(["IC50 (nM)", "IC50_nM_", "IC50 [nM]"]) == ["IC50_nM__2", "IC50_nM_", "IC50_nM__3"]
    assert file_parts(["Ki", "KI"]) == ["Ki", "KI_2"]
    assert file_parts(["???", "!"]) == ["_", "__2"]


@pytest.mark.skipif(
    os.fsencode("") is None or "utf" not in __import__("sys").getfilesystemencoding(),
    reason="no Unicode in names of files here",
)
def test_letters_of_every_script_stay():
    names = ["α-glucosidase", "β-glucosidase", "溶解度", "हिन्दी", "пропуск"]
    assert file_parts(names) == names
    composed, decomposed = "\u00e9", "e\u0301"
    assert file_parts([composed, decomposed]) == [composed, f"{composed}_2"]


def test_letters_that_the_system_cannot_hold_are_replaced(monkeypatch):
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("latin-1"))
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: "latin-1")
    assert file_parts(["α-glucosidase", "β-glucosidase", "é"]) == ["_-glucosidase", "_-glucosidase_2", "é"]


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=12, unique=True))
def test_file_parts_are_different_in_every_file_system_and_short(tasks):
    parts = file_parts(tasks)
    assert len({part.casefold() for part in parts}) == len(tasks)
    for part in parts:
        assert part
        assert "/" not in part
        assert len(os.fsencode(part)) <= FILE_PART_BYTES


def test_long_names_that_begin_alike():
    parts = file_parts(["ü" * 300 + str(i) for i in range(200)])
    assert len(set(parts)) == 200
    assert max(len(os.fsencode(part)) for part in parts) <= FILE_PART_BYTES


@pytest.mark.parametrize(
    ("stored", "usable"),
    [
        (["a", "b"], ["a", "b"]),
        (["", "b"], ["task_0", "b"]),
        (["a", " ", "a", "c\nd"], ["a", "task_1", "task_2", "task_3"]),
        (["", "task_0"], ["task_0_", "task_0"]),
        (["task_1", "", "task_1_"], ["task_1", "task_1__", "task_1_"]),
    ],
)
def test_a_name_that_no_task_may_have_becomes_one_by_its_place(stored, usable):
    assert usable_task_names(stored) == usable


@given(st.lists(st.text(), min_size=1, max_size=12))
def test_usable_names_can_be_written_and_good_ones_stay(stored):
    usable = usable_task_names(stored)
    require_task_names(usable)
    assert len(usable) == len(stored)
    assert usable_task_names(usable) == usable
