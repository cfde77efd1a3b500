from __future__ import annotations

import pytest

from molq.server.accept import chosen_form
from molq.server.refusal import Refusal

FORMS = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*;q=0.5, application/json;q=0.1", "text/csv"),
        ("text/csv;q=0, */*", "application/json"),
        ("TEXT/CSV; charset=utf-8", "text/csv"),
        ("text/csv;q=nonsense, application/*", "application/json"),
    ],
)
def test_the_form_that_is_liked_best(accept, form):
    assert chosen_form(accept, FORMS) == form


def test_none_that_is_liked():
    with pytest.raises(Refusal, match="application/json, text/csv") as refused:
        chosen_form("image/png", FORMS)
    assert refused.value.status == 406
