from __future__ import annotations

import pytest

from molq.errors import InputError
from molq.workflows.study.settings import DEFAULT_SCHEMES, StudySettings


def test_the_reference_comes_first_and_once():
    assert StudySettings("bace").schemes == DEFAULT_SCHEMES
    assert StudySettings("bace", schemes=("int8",)).schemes == ("fp32", "int8")
    assert StudySettings("bace", schemes=("int8", "fp32", "int8")).schemes == ("fp32", "int8")


def test_an_unknown_scheme_or_a_margin_of_nothing_is_refused():
    with pytest.raises(InputError, match="unknown scheme 'int7'"):
        StudySettings("bace", schemes=("int7",))
    with pytest.raises(InputError, match=r"`margin` is 0\.0; it must lie between"):
        StudySettings("bace", margin=0.0)
