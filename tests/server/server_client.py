"""A client of an application in this process."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from molq.server.app import make_app
from molq.server.service import Service


def client_of(service: Service, token: str | None = None, **more: Any) -> TestClient:
    """It calls the server localhost, and is told of faults as a stranger is."""
    return TestClient(make_app(service, token, **more), base_url="http://localhost", raise_server_exceptions=False)
