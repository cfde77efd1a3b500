from __future__ import annotations

from made_results import make_mix

from molq.report.text.mixed import mixed_table


def test_what_a_mix_costs_comes_before_its_layers():
    small, large = (
        make_mix(size, labelled=False, **layers)
        for size, layers in ((1000, {"W_h": "w4a8", "W_i": "int8"}), (2000, {"W_h": "int8", "W_i": "fp16"}))
    )
    table = mixed_table([small, large], large)
    assert table.header == ("file", "predicted MSE", "score MSE", "SQNR", "hits 5%", "W_h", "W_i")
    assert [(row[0], *row[-2:]) for row in table.rows] == [("1.0 kB", "4", "8"), ("2.0 kB (chosen)", "8", "16")]
    assert mixed_table([small]).rows[0][0] == "1.0 kB"


def test_the_loss_is_shown_where_there_are_labels():
    assert mixed_table([make_mix(1000, W_h="w4a8")]).header[5] == "loss of the metric [95%]"


def test_a_score_of_layers_fits_80_columns():
    mixes = [make_mix(1000, **{f"layers_{i}": "int8" for i in range(20)})]
    text = mixed_table(mixes).to_text()
    assert max(map(len, text.splitlines())) <= 80
    assert all(f"layers_{i}" in text for i in range(20))
