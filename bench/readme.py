"""Puts the numbers of ``make demo`` into README.md: the block between the markers, and docs/img/bace-*.svg.

Run after ``make demo``: ``python bench/readme.py``. It keeps the results as docs/demo-results.json, from which the
block can be made again; a test holds README.md to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from molq.report.figures.study import accuracy_versus_size, differences_to_fp32
from molq.report.figures.svg import standalone_svg
from molq.report.text.study import accuracy_table, ranking_table, study_notes
from molq.results.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "demo-results.json"
START, END = "<!-- demo results: written by bench/readme.py -->", "<!-- end of demo results -->"


def main() -> None:
    results = ROOT / "demo" / "results.json"
    text = results.read_text(encoding="utf-8")
    RESULTS.write_text(json.dumps(kept(json.loads(text)), indent=1) + "\n", encoding="utf-8")
    study = read_study(text, str(results))
    for name, svg in figures(study).items():
        (ROOT / "docs" / "img" / name).write_text(svg, encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_block(readme.read_text(encoding="utf-8"), block(study)), encoding="utf-8")


def kept(results: dict[str, Any]) -> dict[str, Any]:
    """The results without what the README has no use for: rows of the split, layers."""
    slim = {**results, "split": {k: v for k, v in results["split"].items() if k != "test_rows"}}
    slim["variants"] = [{k: v for k, v in variant.items() if k != "layers"} for variant in results["variants"]]
    return slim


def figures(study: Study) -> dict[str, str]:
    """File name → SVG."""
    return {
        "bace-size.svg": standalone_svg(accuracy_versus_size(study)),
        "bace-difference.svg": standalone_svg(differences_to_fp32(study)),
    }


def block(study: Study) -> str:
    """What stands between the markers."""
    notes = "\n".join(f"- {note}" for note in study_notes(study))
    return f"""
{accuracy_table(study).to_markdown()}

{ranking_table(study).to_markdown()}

<p><img src="docs/img/bace-size.svg" width="49%" alt="Test ROC-AUC and its interval over the size of the saved file">
<img src="docs/img/bace-difference.svg" width="49%" alt="Difference in ROC-AUC to fp32 beside the margin of 0.005"></p>

{notes}
- Measured on {study.machine.processor} ({study.machine.instructions}) by `make demo`, which runs `{study.command}`.
"""


def with_block(text: str, content: str) -> str:
    """The text with ``content`` between the markers."""
    before, found, rest = text.partition(START)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise SystemExit(f"README.md lacks {START} or {END}")
    return f"{before}{START}{content}{END}{after}"


if __name__ == "__main__":
    main()
