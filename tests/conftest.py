"""What all tests share: a compiled fast path, and what is slow to start, once for each process of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray_cluster
from browser import chromium

from molq.chem.fastpath.compiling import compile_now


@pytest.fixture(scope="session", autouse=True)
def compiled_fast_path() -> None:
    """What tests say of it does not hold while RDKit reads in its place."""
    compile_now()


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory) -> Iterator[chromium.Chrome]:
    if chromium.MISSING:
        pytest.skip(chromium.MISSING)
    with chromium.started(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="session")
def two_cpus() -> Iterator[None]:
    """A Ray of this machine, which this process is connected to."""
    if ray_cluster.MISSING:
        pytest.skip(ray_cluster.MISSING)
    with ray_cluster.started():
        yield


@pytest.fixture
def browser(one_browser, tmp_path) -> chromium.Chrome:
    """Chromium with one empty window, 1400 pixels wide and light; downloads go to ``tmp_path``."""
    chromium.reset(one_browser, tmp_path)
    return one_browser
