"""What all tests share: a compiled fast path, and what is slow to start, once for each process of tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
import ray_cluster
from browser import chromium
from s3_server import s3_server

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


@pytest.fixture(scope="session")
def one_s3_server() -> Iterator[str]:
    pytest.importorskip("moto", reason="moto is not installed: pip install 'molq[test]'")
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3_credentials(monkeypatch, tmp_path) -> None:
    """Those of a user who has no files of settings."""
    values = {
        "AWS_ACCESS_KEY_ID": "AKIAMOLQTEST",
        "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-tests",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def endpoint(one_s3_server, s3_credentials, monkeypatch) -> str:
    """Of the S3 server, which molq asks for what it finds at s3://."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", one_s3_server)
    return one_s3_server


@pytest.fixture
def bucket(endpoint) -> str:
    """The URL of a new bucket."""
    name = f"b{secrets.token_hex(8)}"
    request = Request(f"{endpoint}/{name}", method="PUT")
    with urlopen(request, timeout=30):
        return f"s3://{name}"
