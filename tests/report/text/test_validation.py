from __future__ import annotations

import msgspec
from made_results import make_measure, make_validation

from molq.report.text.validation import (
    answer,
    draws_range,
    evidence,
    in_short,
    in_words,
    measures_table,
    site_cell,
    sites_by_badness,
    unseen,
    validation_text,
    worse,
)
from molq.results.validation import BlindSpot


def test_the_verdict_comes_first_then_reasons_with_their_numbers_then_the_statistics():
    text = validation_text(make_validation())
    assert text.startswith("not representative (p = 0.003, 300 random draws of 200)")
    assert "- no Cl & no Br\n  library molecules all of whose elements are in the set: 62%\n  → do: `molq" in text
    assert text.index("no Cl") < text.index("element_coverage")
    assert answer(make_validation()) == "This calibration set does not represent the library"


def test_reasons_are_told_in_a_chemists_words():
    lacks, differs = make_validation().reasons
    assert in_words(lacks)[0] == "no Cl & no Br"
    words = "the set’s molecules are not lipophilic enough: logP 1 on average, 3 in HIV"
    assert in_words(differs) == (words, "Wasserstein distance of logP: 1.2")
    assert in_words(msgspec.structs.replace(lacks, finding="62%")) == ("62%", "")


def test_in_short_it_is_what_a_chemist_can_see():
    lacks, differs = make_validation().reasons
    vague = msgspec.structs.replace(lacks, statistic="mmd_tanimoto", finding="0.1; unlike the library")
    found = msgspec.structs.replace(make_validation(), reasons=(vague, differs))
    assert in_short(found) == "the set’s molecules are not lipophilic enough: logP 1 on average, 3 in HIV"
    assert in_short(msgspec.structs.replace(found, reasons=(vague,))) == "unlike the library"
    assert in_short(msgspec.structs.replace(found, reasons=())) is None


def test_the_text_says_what_each_group_of_statistics_says():
    text = validation_text(make_validation(with_model=True))
    assert "chemistry 60.0, activations 140.0, outcome 0.5." in text
    assert " ".join(text.split()).count("alone do not tell the set from a random draw") == 1
    assert "and 3 more call sites" in text
    assert "Worst SD" not in validation_text(make_validation())


def test_call_sites_are_listed_the_worst_first():
    assert list(sites_by_badness(make_validation(with_model=True)))[:2] == ["encoder.W_h:14", "encoder.W_h:13"]


def test_draws_smaller_than_the_set_and_rows_left_out_are_said_to_be():
    small = " ".join(evidence(msgspec.structs.replace(make_validation(), draw_size=90, set_rejected=3)))
    assert "too small for draws of 197" in small
    assert "3 of the 200 rows of the set do not parse" in small
    assert list(evidence(make_validation())) == [
        "0 of 300 random draws of 200 library molecules lie as far from the library as this set (p = 0.003)."
    ]


def test_every_line_but_commands_fits_80_columns():
    text = validation_text(make_validation(with_model=True))
    assert max(len(line) for line in text.splitlines() if "`" not in line) <= 80


def test_numbers_have_their_unit_and_a_true_minus():
    assert site_cell(make_measure()) == "62% [98% to 99.5%]"
    assert site_cell(make_measure(unit="dB", value=30.0, null_low=31.0, null_high=32.0)) == "30 dB [31 to 32]"
    assert draws_range(make_measure(unit="", null_low=-0.5)) == "−0.5 to 0.995"
    assert worse(make_measure(z=-0.04)) == "0.0"
    assert worse(make_measure(z=-0.3)) == "−0.3"
    assert measures_table(make_validation(with_model=True)).rows[-1][0] == "rank_disagreement"


def test_the_verdict_says_what_it_cannot_see():
    spot = BlindSpot(200, 0.07, 0.22, False, 0.1, 0.4, ("hiv", "moses"), 30, 50, 500)
    validation = msgspec.structs.replace(make_validation(), blind_spot=spot)
    assert not list(unseen(validation)), "a set that has failed needs no such words"
    passed = msgspec.structs.replace(validation, verdict="representative", reasons=(), p_value=0.6)
    words = " ".join(unseen(passed))
    assert "A set of 200 can hide up to about 22% of molecules from another library" in words
    assert "(7% where the libraries differ most) were found in fewer than half" in words
    assert "heaviest tenth of the library, 10% to 40% were found" in words
    assert "This set has" not in words
    for size, said in ((20, "This set has 20: it can hide more."), (900, "This set has 900: it hides less.")):
        other = msgspec.structs.replace(passed, blind_spot=msgspec.structs.replace(spot, size=size))
        assert said in " ".join(unseen(other))
    assert "not seen: A set of 200" in validation_text(passed)
    more = msgspec.structs.replace(spot, is_lower_bound=True)
    assert "22% or more of molecules" in " ".join(unseen(msgspec.structs.replace(passed, blind_spot=more)))
    assert not list(unseen(msgspec.structs.replace(passed, blind_spot=None)))
