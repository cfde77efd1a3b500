import numpy as np
import pytest

from molq.calibset.reference import describe, draw_null
from molq.calibset.statistics import STATISTICS
from molq.errors import InputError


def test_the_null_is_seeded_and_has_a_row_per_draw(library):
    first, second = (draw_null(describe(library, seed=3), 20, 6) for _ in range(2))
    assert first.values.shape == (6, len(STATISTICS))
    np.testing.assert_array_equal(first.values, second.values)
    assert np.all(np.isfinite(first.values))


def test_draws_hold_at_most_half_the_library(library):
    assert draw_null(describe(library), 80, 2).size == len(library) // 2


def test_a_library_too_small_to_draw_from_is_refused(library):
    with pytest.raises(InputError, match="19 molecules that parse \\(20 rows\\)"):
        describe([*library[:19], "bad("])
