from pathlib import Path

import pytest
from made_hits import HITS

from molq.errors import InputError
from molq.report.files.formats import written_as


def test_the_ending_decides():
    assert written_as(Path("a.CSV"))(HITS).startswith(b"rank,")
    assert written_as(Path("a.html"))(HITS).startswith(b"<!doctype html>")
    for name in ("a.txt", "a", ".csv", "a.csv.gz"):
        with pytest.raises(InputError, match="`output` must end in one of them"):
            written_as(Path(name))
