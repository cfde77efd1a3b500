import pytest

from molq.errors import InputError
from molq.records.cells import cells_of
from molq.workflows.hits.score_columns import score_columns


def found(columns, task=None, predictions=()):
    return score_columns(list(columns), [cells_of(cells) for cells in columns.values()], task, predictions, "s.csv")


def test_the_one_column_of_numbers_ranks_and_the_rest_is_kept():
    columns = {"vendor": ["A", "B"], "logS": ["-1.5", ""], "rejected": ["", "no"], "row": ["3", "4"]}
    assert found(columns) == ("logS", ("logS",), ("vendor", "row"), False)


def test_what_says_how_sure_another_is_does_not_rank():
    columns = {"logS": ["1", "2"], "logS_std": ["1", "2"], "logS_spread": ["1", "2"]}
    assert found(columns).task == "logS"
    assert found(columns).numbers == ("logS", "logS_std", "logS_spread")
    assert found({"x_std": ["1", "2"]}).task == "x_std"


def test_what_a_screen_of_a_space_writes_ranks_by_its_score():
    columns = {"rank": ["1", "2"], "p": ["0.9", "0.8"], "reaction": ["a", "a"], "synthon_1_id": ["7", "8"]}
    assert found(columns).task == "p"
    assert found(columns, "rank").task == "rank"
    assert found({**columns, "q": ["1", "2"]}, "q").texts == ("rank", "reaction", "synthon_1_id")


def test_of_several_one_must_be_told_or_known():
    columns = {"a": ["1", "2"], "b": ["1", "x"], "c": ["1", "NA"], "batch_id": ["1", "2"]}
    with pytest.raises(InputError, match=r"2 columns hold numbers, 'a', 'c'; `task` says"):
        found(columns)
    assert found(columns, "C").task == "c"
    assert found(columns, predictions={"c", "z"}).task == "c"
    assert found(columns, "b").numbers == ("a", "b", "c")
    assert found(columns, "batch_id").task == "batch_id"
    with pytest.raises(InputError, match="no column 'd' among"):
        found(columns, "d")


def test_no_scores_is_an_error_with_the_remedy():
    for columns in ({}, {"name": ["a", "b"]}, {"empty": ["", "nan"]}):
        with pytest.raises(InputError, match="molq screen"):
            found(columns)
