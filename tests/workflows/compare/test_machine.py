from __future__ import annotations

import torch

from molq.results.machine import Machine
from molq.serial import from_json, to_json
from molq.workflows.compare.machine import this_machine


def test_the_machine_is_read_back_from_json_and_names_what_decides_the_numbers():
    described = this_machine()
    assert from_json(to_json(described), Machine, "here") == described
    assert described.versions["torch"] == torch.__version__
    assert described.processor
    assert described.int8_products in ("int8 instructions", "exact float32 fallback")
    assert described.bf16_products in ("bf16 instructions", "rounded float32")
