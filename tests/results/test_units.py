from __future__ import annotations

from molq.results.units import with_unit


def test_values_are_shown_as_people_read_them() -> None:
    values = [(0.98765, "%"), (1e-7, "%"), (0.0, "%"), (46.31, "dB"), (1000.0, ""), (0.000123, "")]
    assert [with_unit(*v) for v in values] == ["98.8%", "<0.001%", "0%", "46.3 dB", "1,000", "0.000123"]
