from __future__ import annotations

import pytest

from molq.columns import Column, chosen, columns_of, ranked, tasks_of, with_spread
from molq.errors import InputError

MVE = (("", "value"), ("std", "std"))
CLASSES = (("0", "class"), ("1", "class"), ("uncertainty", "uncertainty"))


def names(columns):
    return [column.name for column in columns]


def test_every_task_has_its_columns_in_turn():
    assert columns_of(("a", "b")) == (Column("a", "a"), Column("b", "b"))
    assert names(columns_of(("a", "b"), MVE)) == ["a", "a_std", "b", "b_std"]
    assert names(columns_of(("cls",), CLASSES)) == ["cls_0", "cls_1", "cls_uncertainty"]


def test_a_task_keeps_its_name_where_a_column_of_another_would_bear_it():
    found = columns_of(("logS", "logS_std"), MVE)
    assert names(found) == ["logS", "task_logS_std", "logS_std", "logS_std_std"]
    assert [column.task for column in found] == ["logS", "logS", "logS_std", "logS_std"]
    assert names(with_spread(columns_of(("a", "a_spread")))) == ["a", "a_spread", "task_a_spread", "a_spread_spread"]


def test_names_differ_whatever_the_tasks_are_called():
    tasks = ["x", "x_0", "x_1", "x_0_0", "task_x_0", "x_uncertainty", "task_task_x_0", "x_spread", "x_0_spread"]
    found = with_spread(columns_of(tasks, CLASSES))
    assert len(set(names(found))) == len(found) == 2 * 3 * len(tasks)
    assert not set(names(found)) & set(tasks)
    assert tasks_of(found) == tuple(tasks)


def test_a_task_stands_for_its_columns_and_a_column_for_itself():
    columns = with_spread(columns_of(("a", "b"), MVE))
    assert chosen(columns, None) == list(range(8))
    assert [columns[i].name for i in chosen(columns, ["b"])] == ["b", "b_std", "b_spread", "b_std_spread"]
    assert [columns[i].name for i in chosen(columns, ["a_std", "a"])] == ["a_std", "a", "a_spread", "a_std_spread"]
    with pytest.raises(InputError, match="no task 'c'; its tasks: a, b"):
        chosen(columns, ["a", "c"])


def test_molecules_are_ranked_by_predictions_where_there_are_any():
    columns = columns_of(("a", "cls"), MVE)
    assert [columns[i].name for i in ranked(columns)] == ["a", "cls"]
    assert ranked(columns[1:2]) == [0]
    assert ranked(columns_of(("cls",), CLASSES)) == [0, 1]
    assert ranked(()) == []
