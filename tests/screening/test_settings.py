from __future__ import annotations

import math
import os

import pytest

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.screening.output.table import Selection
from molq.screening.settings import Manner, Settings
from molq.serial import from_json, to_json


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"top": 0}, "`top` is 0; it must lie between 1 and 10,000,000"),
        ({"lowest": True}, "`lowest` has a meaning only with `top` or `threshold`"),
        ({"threshold": math.nan}, "`threshold` is nan; it must be a finite number"),
        ({"max_atoms": 0}, "`max_atoms` is 0; it must lie between 1 and 100,000"),
        ({"shard_rows": -5}, "`shard_rows` is -5; it must lie between 1 and 10,000,000"),
    ],
)
def test_values_that_make_no_sense_are_named_by_their_parameter(values, message):
    with pytest.raises(InputError) as caught:
        Settings(**values)
    assert str(caught.value) == message


def test_they_are_read_back_as_they_were():
    settings = Settings(tasks=("a",), top=3, threshold=0.1, lowest=True, columns=("x", "y"), id_column="n")
    assert from_json(to_json(settings), Settings, "here") == settings
    with pytest.raises(InputError, match=r"here: .*unknown field"):
        from_json(b'{"topp": 3}', Settings, "here")


def test_what_they_ask_of_rows_and_of_files():
    settings = Settings(top=3, lowest=True, smiles_column="s", id_column="n", columns=("x",))
    assert settings.selection == Selection(3, None, True)
    assert settings.wanted == Wanted("s", "n", ("x",))


def test_workers():
    with pytest.raises(InputError, match="`workers` is -1"):
        Manner(workers=-1)
    assert Manner(workers=0).n_workers == 0
    assert 1 <= Manner().n_workers <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "dask"}, "`engine` is 'dask'; it must be one of workers, ray"),
        ({"engine": "ray", "workers": 2}, "with `engine=ray` there are actors in the place of `workers`"),
        ({"address": "auto"}, "`address` and `concurrency` have a meaning only with `engine=ray`"),
        ({"concurrency": 2}, "`address` and `concurrency` have a meaning only with `engine=ray`"),
        ({"engine": "ray", "concurrency": 0}, "`concurrency` is 0; it must lie between 1 and 10,000"),
    ],
)
def test_who_scores(values, message):
    with pytest.raises(InputError) as caught:
        Manner(**values)
    assert str(caught.value).startswith(message)
