from __future__ import annotations

import json

from molq.server.refusal import Refusal


def test_a_refusal_names_the_row_and_hides_nothing():
    response = Refusal(422, "a \x1b[2K\u202e name", 7, {"X-A": "b"}).response
    assert (response.status_code, response.headers["x-a"]) == (422, "b")
    assert json.loads(response.body) == {"error": {"message": "a \\x1b[2K\\u202e name", "row": 7}}
