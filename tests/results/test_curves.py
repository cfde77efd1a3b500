from __future__ import annotations

import pytest

from molq.errors import InputError
from molq.results.curves import FoundCurve, Predicted
from molq.results.plain import plain
from molq.serial import from_builtins


@pytest.mark.parametrize("value", [FoundCurve("a", (0, 1), (0, 2)), Predicted("a", (1.5,), (1.25,), 7)])
def test_json_is_read_back_and_nothing_more(value):
    assert from_builtins(plain(value), type(value), "here") == value
    with pytest.raises(InputError, match="here"):
        from_builtins(plain(value) | {"more": 1}, type(value), "here")
