"""Chromium for tests: started and ended here, without a network, at any width, in both themes, printed to PDF."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
MISSING = "no Chromium with its chromedriver on this machine" if not (CHROMIUM and CHROMEDRIVER) else None
"""why no test can drive a browser here"""
WIDE, NARROW = 1400, 420
"""the widths of window that every page is looked at in"""
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-quic", "--hide-scrollbars", "--force-color-profile=srgb", f"--window-size={WIDE},1000"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_AXE = Path(__file__).parent / "axe" / "axe.min.js"
_WIDE_ELEMENTS = """
const end = document.documentElement.clientWidth;
const isCut = (element) => element && element !== document.body &&
  (getComputedStyle(element).overflowX !== "visible" || isCut(element.parentElement));
return [...document.querySelectorAll("body *")].filter((element) =>
  element.getClientRects().length && element.getBoundingClientRect().right > end + 0.5 &&
  !element.closest("svg svg, svg *") && !isCut(element.parentElement)
).map((element) => `${element.tagName}.${element.getAttribute("class") ?? ""}`)
"""


@contextmanager
def started(folder: Path) -> Iterator[Chrome]:
    """A browser whose profile lies in ``folder``; it reaches this machine alone."""
    assert CHROMIUM is not None
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = ChromeService(CHROMEDRIVER, log_output=os.devnull)
    driver = Chrome(options, service)
    try:
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        yield driver
    finally:
        driver.quit()


def reset(driver: Chrome, downloads: Path) -> None:
    """One empty window of usual width in the light theme, which keeps nothing and downloads to ``downloads``."""
    first, *others = driver.window_handles
    for other in others:
        driver.switch_to.window(other)
        driver.close()
    driver.switch_to.window(first)
    driver.get("about:blank")
    driver.delete_all_cookies()
    driver.get_log("browser")
    set_width(driver, WIDE)
    set_dark(driver, False)
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    behaviour = {"behavior": "allow", "downloadPath": str(downloads)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    # what a page puts on the clipboard can be read back by the test
    allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": allowed})


def set_width(driver: Chrome, width: int, height: int = 1000) -> None:
    """The page is laid out for a window of this many pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def set_dark(driver: Chrome, is_dark: bool = True) -> None:
    """The page is told that its reader prefers the dark theme, or the light one."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def set_scripts(driver: Chrome, are_run: bool) -> None:
    """Whether pages that are opened from now on may run scripts."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not are_run})


def printed(driver: Chrome) -> bytes:
    """The page as PDF, on the paper that its style asks for."""
    found = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    return base64.b64decode(found["data"])


def shot(driver: Chrome, path: Path, whole: bool = True) -> Path:
    """``path``, with a picture of the page in PNG: down to its end, or of what the window shows."""
    found = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole, **_clip(driver, whole)})
    path.write_bytes(base64.b64decode(found["data"]))
    return path


def downloaded(driver: Chrome, path: Path, timeout_s: float = 20) -> bytes:
    """The bytes of a download, once ``path`` is there and whole."""
    partial = path.with_name(f"{path.name}.crdownload")
    WebDriverWait(driver, timeout_s, 0.05).until(lambda _: path.exists() and not partial.exists(), f"no {path.name}")
    return path.read_bytes()


def too_wide(driver: Chrome) -> list[str]:
    """The elements that reach beyond the window, but for what an element around them cuts off or scrolls."""
    found: list[str] = driver.execute_script(_WIDE_ELEMENTS)
    return found


def complaints(driver: Chrome) -> list[str]:
    """What the page said to the console since last asked: errors of scripts, refused loads, breaches of a CSP."""
    last = f"asked {secrets.token_hex(8)}"
    driver.execute_script("console.error(arguments[0])", last)  # what was said before it has arrived when it has
    said: list[str] = []

    def has_arrived(_driver: Chrome) -> bool:
        said.extend(f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser"))
        return any(last in line for line in said)

    WebDriverWait(driver, 30, 0.05).until(has_arrived)
    return [line for line in said if last not in line]


def assert_accessible(driver: Chrome, within: str = "html") -> None:
    """axe-core finds no serious or critical violation in the elements that the CSS selector ``within`` names."""
    driver.execute_script(_AXE.read_text(encoding="utf-8"))
    script = "const done = arguments[1]; axe.run(arguments[0]).then(({violations}) => done(JSON.stringify(violations)))"
    violations = json.loads(driver.execute_async_script(script, within))
    grave = [_told(v) for v in violations if v["impact"] in ("serious", "critical")]
    assert not grave, "\n".join(grave)


def _told(violation: dict) -> str:
    nodes = [f"  {node['html'][:200]}\n    {node['failureSummary']}" for node in violation["nodes"][:5]]
    return "\n".join([f"{violation['impact']}: {violation['id']}: {violation['help']}", *nodes])


def _clip(driver: Chrome, whole: bool) -> dict:
    if not whole:
        return {}
    measure = "Page.getLayoutMetrics"  # nothing, while a page is being laid out
    size = WebDriverWait(driver, 10, 0.05).until(
        lambda _: found if (found := driver.execute_cdp_cmd(measure, {})["cssContentSize"])["width"] else None
    )
    return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
