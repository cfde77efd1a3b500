from __future__ import annotations

from made_results import make_sensitivity, make_site

from molq.report.figures.sensitivity import (
    activation_histogram,
    error_versus_size,
    errors_per_layer,
    histogram_remark,
)


def test_every_layer_stands_on_the_axis():
    figure = errors_per_layer(make_sensitivity())
    assert all(layer.name in figure for layer in make_sensitivity().layers)


def test_executed_mixes_are_told_to_those_who_cannot_see_them():
    assert "<desc>1 kB 2e-06; 2 kB 2e-06</desc>" in error_versus_size(make_sensitivity())


def test_what_clips_is_shaded_where_there_is_a_range():
    assert activation_histogram(make_site()).count("var(--band)") == 2
    assert activation_histogram(make_site(low=0.0, edges=(0.0, 0.5, 1.0, 1.5))).count("var(--band)") == 1
    assert "var(--band)" not in activation_histogram(make_site(range=None, beyond=None))


def test_the_remark_says_what_is_seen():
    assert histogram_remark(make_site()) == (
        "−0.1 to 1.5; codes cover 0 to 1; 1.000% beyond; largest channel 12.0× the median"
    )
    assert "codes" not in histogram_remark(make_site(range=None, beyond=None))
