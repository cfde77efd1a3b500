from __future__ import annotations

import msgspec
from made_results import MACHINE, make_sensitivity

from molq.report.pages.sensitivity import sensitivity_page


def test_it_says_which_layer_suffers_and_on_what():
    text = sensitivity_page(make_sensitivity())
    assert "encoder.W_h suffers most from w4a8</h1>" in text
    assert "Most harm alone: <b>encoder.W_h</b>" in text
    assert "later\nlayers make up" in text
    assert "150\nmolecules</b> of toy" in text
    assert text.count('role="img"') == 4
    assert "Loss of ROC-AUC" in text


def test_it_says_the_machine():
    text = sensitivity_page(make_sensitivity())
    assert MACHINE.processor in text
    assert MACHINE.instructions in text


def test_without_labels_or_mixes_or_a_set_their_parts_are_left_out():
    bare = msgspec.structs.replace(make_sensitivity(labelled=False), front=None, calibration=None)
    text = sensitivity_page(bare)
    assert "Loss of" not in text
    assert "A precision per layer" not in text
    assert "Observer" not in text
    assert "every call site on toy" in text


def test_molecules_that_move_and_that_set_the_ranges_are_drawn():
    text = sensitivity_page(make_sensitivity())
    assert text.partition("Molecules that w4a8 moves most")[2].partition("<h2>")[0].count("card molecule") == 2
    assert "2 of 2 ranges" in text.partition("set the ends of the ranges")[2]
