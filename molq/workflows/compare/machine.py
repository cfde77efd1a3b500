"""The machine and the libraries that a measurement was made with."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from molq.engine.matmul import integer_kernel_is_exact
from molq.engine.product import has_bf16
from molq.results.machine import Machine
from molq.store.card import library_versions


def this_machine() -> Machine:
    """Versions, processor, and which paths the matrix products take on it."""
    return Machine(
        versions=library_versions(),
        platform=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=os.cpu_count(),
        instructions=torch.backends.cpu.get_cpu_capability(),
        int8_products="int8 instructions" if integer_kernel_is_exact() else "exact float32 fallback",
        bf16_products="bf16 instructions" if has_bf16() else "rounded float32",
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name" and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()
