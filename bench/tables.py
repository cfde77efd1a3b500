"""Puts what the benches printed into the documents that show it.

A document marks the place of bench/out/NAME.md with ``<!-- bench NAME -->`` and ``<!-- end -->``. ``make bench`` writes
those files and then runs ``python bench/tables.py``; a name whose file is absent keeps what stands there.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out"
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"(<!-- bench (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        filled = _BLOCK.sub(_with_output, text)
        if filled != text:
            document.write_text(filled, encoding="utf-8")
            print(f"{document.relative_to(ROOT)} updated")


def _with_output(block: re.Match[str]) -> str:
    source = OUT / f"{block['name']}.md"
    if not source.exists():
        return block[0]
    return f"{block[1]}\n{source.read_text(encoding='utf-8').strip()}\n\n{block[3]}"


if __name__ == "__main__":
    main()
