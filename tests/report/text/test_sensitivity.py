from __future__ import annotations

from made_results import make_sensitivity, make_site

from molq.report.text.sensitivity import (
    activation_table,
    alone_table,
    metric_of,
    ordered,
    outlier_lines,
    sensitivity_text,
    site_name,
    spared_table,
)


def test_the_worst_layer_comes_first_and_all_of_them_last():
    rows = alone_table(make_sensitivity()).rows
    assert [row[0] for row in rows] == ["encoder.W_h", "encoder.W_i", "head.layers.0", "all"]
    assert rows[-1][1:3] == ("w4a8", "1.5 kB")


def test_the_layer_that_helps_most_when_spared_comes_first():
    assert ordered(make_sensitivity(), "spared")[0].name == "head.layers.0"
    assert spared_table(make_sensitivity()).rows[-1][0] == "none spared"


def test_a_loss_needs_labels():
    assert metric_of(make_sensitivity()) == "roc_auc"
    assert metric_of(make_sensitivity(labelled=False)) is None
    assert "loss" not in alone_table(make_sensitivity(labelled=False)).header[-1]


def test_a_layer_that_is_used_several_times_says_which_use():
    assert site_name("encoder.W_h", 1) == "encoder.W_h, use 2"
    assert site_name("head.layers.0", 0) == "head.layers.0"


def test_outlier_channels_are_named_with_how_many_more():
    assert list(outlier_lines([make_site(), make_site(n_outliers=0)])) == [
        "outlier channels into encoder.W_h, use 1: 7 (12×) and 1 more the median channel"
    ]


def test_inputs_without_a_fixed_range_have_dashes():
    seen, without = activation_table(make_sensitivity()).rows
    assert seen[1:4] == ("−0.1 to 1.5", "0 to 1", "1.000%")
    assert without[2:4] == ("–", "–")


def test_the_text_fits_80_columns_with_labels_and_without():
    for labelled in (True, False):
        text = sensitivity_text(make_sensitivity(labelled=labelled))
        assert max(map(len, text.splitlines())) <= 80
        assert "the JSON and on the page" in text
        assert ("loss of ROC-AUC" in text) == labelled
