from __future__ import annotations

import json

import torch

from molq.workflows.compare.machine import environment


def test_the_environment_is_plain_json_and_names_what_decides_the_numbers():
    described = environment()
    assert json.loads(json.dumps(described)) == described
    assert described["versions"]["torch"] == torch.__version__
    assert described["processor"]
    assert described["int8_products"] in ("int8 instructions", "exact float32 fallback")
    assert described["bf16_products"] in ("bf16 instructions", "rounded float32")
