"""The scripts of pages in an empty page of Chromium, where a test can call them."""

from __future__ import annotations

from typing import Any

import msgspec
from browser.chromium import Chrome

from molq.chem.sketch import Sketch
from molq.report.pages.page import asset


def load(driver: Chrome, *names: str) -> None:
    """Runs ``templates/scripts/NAME.js``, in this order."""
    for name in names:
        driver.execute_script(asset(f"scripts/{name}.js"))


def plain(sketches: list[Sketch]) -> list[Any]:
    """The sketches as the JSON of a page says them."""
    return msgspec.json.decode(msgspec.json.encode(sketches))
