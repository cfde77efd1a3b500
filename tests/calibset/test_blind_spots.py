from __future__ import annotations

import pytest

from molq.calibset.blind_spots import FOREIGN, HEAVIEST, NONE, Detection, blind_spot, measured


def trials(found: dict[tuple[str, str, float, int], int], n: int = 10) -> list[Detection]:
    """(library, other, share, size) → how many of ten sets were found; a share of 0 is an intact set."""
    rows = [
        Detection(library, FOREIGN if share else NONE, other, share, size, n, k, k)
        for (library, other, share, size), k in found.items()
    ]
    libraries = sorted({(row.library, row.size) for row in rows})
    return [*rows, *(Detection(library, HEAVIEST, "", 0.1, size, n, size // 50, 0) for library, size in libraries)]


ROWS = trials(
    {
        ("a", "", 0.0, 50): 0,
        ("a", "b", 0.2, 50): 5,
        ("a", "b", 0.4, 50): 10,
        ("a", "", 0.0, 200): 0,
        ("a", "b", 0.2, 200): 10,
        ("b", "", 0.0, 50): 0,
        ("b", "a", 0.2, 50): 2,
        ("b", "a", 0.4, 50): 4,
        ("b", "", 0.0, 200): 0,
        ("b", "a", 0.2, 200): 3,
        ("b", "a", 0.4, 200): 7,
    }
)


def test_the_share_found_in_half_of_the_sets_lies_on_the_lines_between_those_tried():
    spot = blind_spot(200, ROWS)
    assert spot.foreign_low == pytest.approx(0.1)
    assert spot.foreign_high == pytest.approx(0.3)
    assert (spot.heaviest_found_low, spot.heaviest_found_high) == (0.4, 0.4)
    assert (spot.libraries, spot.trials, spot.least_size, spot.largest_size) == (("a", "b"), 10, 50, 200)


def test_a_pair_that_is_never_found_half_of_the_time_counts_with_the_largest_share():
    spot = blind_spot(50, ROWS)
    assert spot.foreign_high == pytest.approx(0.4)
    assert spot.is_lower_bound
    assert not blind_spot(200, ROWS).is_lower_bound


def test_sizes_between_those_tried_lie_between_and_others_are_the_nearest():
    between = blind_spot(100, ROWS)
    assert between.size == 100
    assert between.foreign_low == pytest.approx(0.15)
    assert between.foreign_high == pytest.approx(0.35)
    assert blind_spot(10, ROWS).foreign_low == blind_spot(50, ROWS).foreign_low
    assert blind_spot(5000, ROWS).foreign_low == blind_spot(200, ROWS).foreign_low


def test_what_molq_knows_of_was_counted():
    rows = measured()
    assert {200} <= {row.size for row in rows}
    assert {FOREIGN, HEAVIEST, NONE} <= {row.fault for row in rows}
    assert all(0 <= row.failed <= row.found <= row.trials > 0 for row in rows)
    intact = [row for row in rows if row.fault == NONE]
    assert sum(row.found for row in intact) <= 0.1 * sum(row.trials for row in intact)
    spot = blind_spot(200)
    assert 0 < spot.foreign_low <= spot.foreign_high <= 0.5
