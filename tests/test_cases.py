"""Files such as users and vendors have them: bench/cases.py holds what is expected of each."""

import importlib.util
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "bench" / "cases.py"
spec = importlib.util.spec_from_file_location("cases", SOURCE)
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)


@pytest.mark.skipif(not cases.LIBRARY.is_dir(), reason="the files lie beside the project, in ../shared/cases")
@pytest.mark.parametrize("name", cases.CASES)
def test_a_file_is_read_as_a_chemist_expects(name):
    for line in cases.CASES[name](cases.LIBRARY / name):
        assert line.got == line.expected, line.what


@pytest.mark.skipif(not cases.LIBRARY.is_dir(), reason="the files lie beside the project, in ../shared/cases")
def test_every_folder_is_checked():
    assert {path.name for path in cases.LIBRARY.iterdir() if path.is_dir()} == set(cases.CASES)
