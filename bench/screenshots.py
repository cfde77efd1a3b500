"""A picture of the hits page for README.md, ``docs/img/hits.webp``; ``bench/serve_page.py`` makes that of the server.

Run after ``make demo``: ``python bench/screenshots.py [HITS.html]``. Needs Chromium with its driver, and selenium.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "demo" / "hits.html"
PICTURE = ROOT / "docs" / "img" / "hits.webp"
WIDTH, HEIGHT = 1400, 1560
QUALITY = 70
MOST_BYTES = 200_000
LASSO = """
const plot = document.querySelector(".scatter");
const { left, top, width, height } = plot.getBoundingClientRect();
const go = (kind, [x, y]) => plot.dispatchEvent(new PointerEvent(kind, { pointerId: 1, bubbles: true,
  clientX: left + x * width, clientY: top + y * height }));
plot.setPointerCapture = () => {};
const corners = [[0.55, 0.05], [0.98, 0.05], [0.98, 0.5], [0.55, 0.5]];
go("pointerdown", corners[0]);
corners.forEach((corner) => go("pointermove", corner));
go("pointerup", corners[0]);
"""
"""circles the molecules with high scores that lie nearest to the training set"""


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import chromium  # type: ignore[import-not-found]

    page = Path(sys.argv[1]).resolve() if sys.argv[1:] else PAGE
    with tempfile.TemporaryDirectory() as folder, chromium.started(Path(folder)) as driver:
        chromium.reset(driver, Path(folder))
        chromium.set_width(driver, WIDTH, HEIGHT)
        driver.get(page.as_uri())
        driver.execute_script(LASSO)
        PICTURE.write_bytes(_seen(driver))
    n_bytes = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {n_bytes:,} bytes")
    assert n_bytes <= MOST_BYTES, "lower QUALITY"


def _seen(driver: Any) -> bytes:
    """What the window shows, as WebP."""
    found = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(found["data"])


if __name__ == "__main__":
    main()
