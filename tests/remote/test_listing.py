from __future__ import annotations

import fnmatch

import pytest

from molq.remote.listing import exists, has_magic, is_folder, matching, objects_below
from molq.remote.writing import put

NAMES = ["a/1.csv", "a/2.csv", "a/10.csv", "a/b/3.csv", "a/b/c/4.csv", "a/x.txt", "b/1.csv"]


@pytest.fixture
def filled(bucket):
    for name in NAMES:
        put(b"x", f"{bucket}/{name}")
    return bucket


def test_what_lies_where(filled):
    assert exists(f"{filled}/a/1.csv")
    assert not exists(f"{filled}/a")
    assert not exists(f"{filled}/a/3.csv")
    assert is_folder(f"{filled}/a")
    assert is_folder(filled)
    assert not is_folder(f"{filled}/a/1.csv")
    assert objects_below(f"{filled}/a") == sorted(f"{filled}/{name}" for name in NAMES if name.startswith("a/"))
    assert objects_below(f"{filled}/nothing") == []


@pytest.mark.parametrize("pattern", ["a/*.csv", "a/?.csv", "a/[12].csv", "a/[!1].csv", "*/1.csv", "a/b/*", "a/.*"])
def test_patterns_are_those_of_a_shell(filled, pattern):
    assert has_magic(f"{filled}/{pattern}")
    like = [n for n in NAMES if fnmatch.fnmatchcase(n, pattern) and n.count("/") == pattern.count("/")]
    assert matching(f"{filled}/{pattern}") == sorted(f"{filled}/{name}" for name in like)


def test_two_stars_are_any_folders(filled):
    found = matching(f"{filled}/a/**/*.csv")
    assert found == sorted(f"{filled}/{name}" for name in NAMES if name.startswith("a/") and name.endswith(".csv"))
    assert not has_magic("https://server/a*b?c")
