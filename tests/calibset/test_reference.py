import numpy as np
import pytest

from molq.calibset.population import populate
from molq.calibset.reference import describe, draw_null, draw_size
from molq.calibset.statistics import STATISTICS
from molq.errors import InputError


def test_the_null_is_seeded_and_has_a_row_per_draw(library):
    first, second = (draw_null(describe(library, seed=3), 20, 6) for _ in range(2))
    assert first.values.shape == (6, len(STATISTICS))
    np.testing.assert_array_equal(first.values, second.values)
    assert np.all(np.isfinite(first.values))


def test_draws_hold_at_most_half_the_library_or_as_much_of_it_as_the_set(library):
    reference = describe([*library, *library])
    foreign = [f"{smiles}.[He]" for smiles in library]
    assert draw_size(reference, populate(foreign[:30])) == 30
    assert draw_size(reference, populate([*foreign, *library[:5]])) == len(library) // 2
    assert draw_size(reference, populate([*foreign, *library[:60]])) == 60


def test_a_library_too_small_to_draw_from_is_refused(library):
    with pytest.raises(InputError, match="19 distinct molecules that parse \\(39 rows\\)"):
        describe([*library[:19], *library[:19], "bad("])
