from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest


def test_many_are_answered_by_one_process(running):
    for _ in range(20):
        with urllib.request.urlopen(f"{running}/health") as answer:
            assert json.load(answer)["status"] == "ok"
            assert answer.headers["server"] is None


def test_another_name_is_refused_on_the_wire_too(running):
    request = urllib.request.Request(f"{running}/health", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(request)
