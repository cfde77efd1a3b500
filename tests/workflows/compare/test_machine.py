from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np
import pytest
import torch

from molq.results.machine import Machine
from molq.serial import from_json, to_json
from molq.workflows.compare import machine
from molq.workflows.compare.machine import this_machine


def test_the_machine_is_read_back_from_json_and_names_what_decides_the_numbers() -> None:
    described = this_machine()
    assert from_json(to_json(described), Machine, "here") == described
    for library in (torch, np):
        assert described.versions[library.__name__] == library.__version__
    assert described.platform == f"{platform.system()} {platform.machine()}"
    assert described.cores == os.cpu_count()
    assert described.instructions == torch.backends.cpu.get_cpu_capability()


@pytest.mark.parametrize(
    ("int8", "bf16", "expected"),
    [
        (True, False, ("int8 instructions", "rounded float32")),
        (False, True, ("exact float32 fallback", "bf16 instructions")),
    ],
)
def test_the_paths_of_products_are_those_the_engine_takes(
    int8: bool, bf16: bool, expected: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "integer_kernel_is_exact", lambda: int8)
    monkeypatch.setattr(machine, "has_bf16", lambda: bf16)
    described = this_machine()
    assert (described.int8_products, described.bf16_products) == expected


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("processor\t: 0\nmodel name\t: Turing 9000: a\nmodel name\t: other\n", "Turing 9000: a"),
        ("processor : 0\nmodel name :  \n", "of the platform"),
        (None, "of the platform"),
    ],
)
def test_the_processor_is_linuxs_or_the_platforms(
    cpuinfo: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, **_: object) -> str:
        if cpuinfo is None:
            raise FileNotFoundError(path)
        return cpuinfo

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr(platform, "processor", lambda: "of the platform")
    assert machine._processor() == expected
