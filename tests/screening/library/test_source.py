import pytest

from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.input.source import Source
from molq.screening.library.file import SLICE, open_library
from molq.screening.library.source import PreparedSource, open_screened
from molq.screening.settings import Settings


def slices(source, n_rows):
    """All that it gives out, at most ``n_rows`` rows at a time."""
    found = []
    while True:
        body, n = source.take(n_rows)
        if not n:
            return found
        group, start, stop = SLICE.unpack(body)
        assert stop - start == n <= n_rows
        found.append((group, start, stop))


def test_row_groups_come_in_order_and_whole(prepared):
    groups = open_library(str(prepared)).group_rows
    whole = slices(PreparedSource(Source(str(prepared)), Wanted()), 1 << 30)
    assert whole == [(i, 0, n_rows) for i, n_rows in enumerate(groups)]
    parts = slices(PreparedSource(Source(str(prepared)), Wanted()), 97)
    assert sum(stop - start for _, start, stop in parts) == sum(groups)


def test_rows_are_passed_over(prepared):
    source = PreparedSource(Source(str(prepared)), Wanted())
    assert source.skip(10) == 10
    assert source.take(5) == (SLICE.pack(0, 10, 15), 5)
    rest = sum(open_library(str(prepared)).group_rows) - 15
    assert source.skip(1 << 30) == rest


def test_it_is_told_by_its_suffix(prepared):
    reader = open_screened(prepared, Settings())
    assert reader.layouts[0].format == "molqlib"
    assert reader.total_rows(0) == sum(open_library(str(prepared)).group_rows)


def test_what_is_chosen_when_it_is_built_cannot_be_chosen_again(prepared):
    with pytest.raises(InputError, match="a prepared library has no SMILES column to choose"):
        open_screened(prepared, Settings(smiles_column="smiles"))
