"""Pictures of the demo's pages for README.md: ``docs/img/hits.webp`` and ``docs/img/report.webp``.

Run after ``make demo`` and ``python bench/readme.py``: ``python bench/screenshots.py [HITS.html]``. The report is that
of the results that README.md states. Needs Chromium with its driver, and selenium.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from readme import RESULTS

from molq.report.pages.study import study_page
from molq.results.study import read_study

ROOT = Path(__file__).resolve().parents[1]
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

    hits = Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "demo" / "hits.html"
    study = read_study(RESULTS.read_text(encoding="utf-8"), str(RESULTS))
    with tempfile.TemporaryDirectory() as folder, chromium.started(Path(folder)) as driver:
        report = Path(folder) / "report.html"
        report.write_text(study_page(study), encoding="utf-8")
        chromium.reset(driver, Path(folder))
        chromium.set_width(driver, WIDTH, HEIGHT)
        driver.get(hits.as_uri())
        driver.execute_script(LASSO)
        _keep(driver, "hits.webp")
        driver.get(report.as_uri())
        _keep(driver, "report.webp")


def _keep(driver: Any, name: str) -> None:
    """Writes what the window shows."""
    found = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    picture = ROOT / "docs" / "img" / name
    picture.write_bytes(base64.b64decode(found["data"]))
    print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size:,} bytes")
    assert picture.stat().st_size <= MOST_BYTES, "lower QUALITY"


if __name__ == "__main__":
    main()
