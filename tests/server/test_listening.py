from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request

import pytest
from running_server import RunningServer

import molq


def test_a_server_answers_and_stops_when_it_is_told_to(tmp_path):
    with RunningServer(["bace-dmpnn"], tmp_path) as server:
        request = urllib.request.Request(f"{server.url}/v1/predict", b'["CCO"]', {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            score = json.load(answer)["rows"][0]["scores"]["bace-dmpnn"]["Class"]
            assert answer.headers["server"] is None
        assert score == float(str(molq.load("bace-dmpnn").predict(["CCO"])[0]))
        stranger = urllib.request.Request(f"{server.url}/health", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(stranger)
        assert "Traceback" not in server.stop(signal.SIGINT)
