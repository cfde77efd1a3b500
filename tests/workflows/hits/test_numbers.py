import math

import pytest

from molq.records.cells import cells_of
from molq.workflows.hits.numbers import EMPTY, INFINITE, NO_NUMBER, UNCLEAR, number_of, numbers_of


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("0.5", 0.5, None),
        (" -5e-1 ", -0.5, None),
        ("0,5", 0.5, None),
        ("0,125", 0.125, None),
        ("1,250", None, UNCLEAR),
        ("", None, EMPTY),
        ("NaN", None, EMPTY),
        ("n/a", None, EMPTY),
        ("inf", None, INFINITE),
        ("-Infinity", None, INFINITE),
        ("1e999", None, INFINITE),
        ("1_000", None, NO_NUMBER),
        ("active", None, NO_NUMBER),
        ("0.5 nM", None, NO_NUMBER),
    ],
)
@pytest.mark.parametrize("beside", ["0.25", "word"])
def test_a_cell(text, value, reason, beside):
    found = numbers_of(cells_of([beside, text]))
    assert found.reasons.get(1) == reason
    assert found.values[1] == value if reason is None else math.isnan(found.values[1])
    assert number_of(text) == value
