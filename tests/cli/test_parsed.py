from __future__ import annotations

import pytest

from molq.cli.parsed import fractions, names, observers, overrides, size_bytes, typed_names
from molq.errors import InputError


@pytest.mark.parametrize(("text", "n"), [("200KB", 200_000), ("1.5 MB", 1_500_000), ("64KiB", 65_536), ("10", 10)])
def test_sizes(text, n):
    assert size_bytes(text) == n


@pytest.mark.parametrize("text", ["many", "KB", "-1KB", "1.2.3", "5 furlongs"])
def test_other_sizes_are_refused(text):
    with pytest.raises(InputError, match=r"`max_size`.*must be a number of bytes"):
        size_bytes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        ("a", ["a"]),
        (" a , b c ,d", ["a", "b c", "d"]),
        ('"IC50, nM",logP', ["IC50, nM", "logP"]),
        ('logP, "IC50, nM"', ["logP", "IC50, nM"]),
        ('"a ""quoted"" name"', ['a "quoted" name']),
        ('5" disc,b', ['5" disc', "b"]),
        ("a,", ["a", ""]),
    ],
)
def test_names_stand_between_commas_or_in_quotes(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize("text", ['"a,b', '"a"b,c', "a\nb"])
def test_a_list_of_names_that_cannot_be_read_is_refused(text):
    with pytest.raises(InputError, match="no list of names with commas between"):
        names(text)


def test_patterns_and_names():
    assert overrides(None) == []
    assert overrides(["head.*=fp32", "a=b=c"]) == [("head.*", "fp32"), ("a=b", "c")]
    assert observers(["encoder.W_h:*=mse", "auto"]) == [("*", "auto"), ("encoder.W_h:*", "mse")]


@pytest.mark.parametrize("text", ["head.*", "=fp32", "head.*="])
def test_an_override_reads_pattern_equals_scheme(text):
    with pytest.raises(InputError, match=r"`override`.*PATTERN=SCHEME"):
        overrides([text])


def test_three_fractions():
    assert fractions("0.8,0.1,0.1") == (0.8, 0.1, 0.1)
    for text in ("0.8,0.2", "a,b,c", "0.8,0.1,0.05,0.05"):
        with pytest.raises(InputError, match="three numbers"):
            fractions(text)


@pytest.mark.parametrize("given", [[], ["a"], ["a", "b c"], ["a,b", 'say "x"', "c d"]])
def test_names_are_typed_as_they_are_read(given):
    assert names(typed_names(given)) == given
