"""Tables of text: aligned for a terminal, in Markdown, or in a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 80
_GAP = 2
_LEAST_PROSE = 24
_MOST_FIRST = 36


@dataclass(frozen=True)
class Table:
    """Cells of text; the first column and those of ``left`` are read from the left, the others from the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: tuple[int, ...] = ()

    def only(self, *names: str) -> Table:
        """The columns of these names, in that order."""
        places = [self.header.index(name) for name in names]
        left = tuple(i for i, place in enumerate(places) if place in self.left)
        return Table(names, tuple(tuple(row[place] for place in places) for row in self.rows), left)

    def beside(self, other: Table) -> Table:
        """The columns of both, row by row."""
        left = (*self.left, *(i + len(self.header) for i in other.left))
        rows = tuple((*ours, *theirs) for ours, theirs in zip(self.rows, other.rows, strict=True))
        return Table(self.header + other.header, rows, left)

    def to_text(self, width: int = WIDTH) -> str:
        """Columns padded with spaces, two between them, the header underlined, within ``width``.

        Of a wider table, prose in the last column is wrapped; otherwise the columns come in several blocks, each with
        the first column beside it, whose longest entries are wrapped.
        """
        widths = self._widths()
        spare = width - _total(widths[:-1]) - _GAP
        if _total(widths) <= width:
            blocks = [(list(range(len(widths))), widths)]
        elif len(widths) - 1 in self.left and spare >= _LEAST_PROSE:
            blocks = [(list(range(len(widths))), [*widths[:-1], spare])]
        else:
            first = min(widths[0], _MOST_FIRST)
            most = max(width - first - _GAP, _LEAST_PROSE)
            blocks = [
                ([0, *block], [first, *(min(widths[i], most) for i in block)])
                for block in _blocks(widths, first, width)
            ]
        return "\n\n".join("\n".join(self._lines(*block)) for block in blocks)

    def to_markdown(self) -> str:
        """A GitHub table."""
        rule = ("---", *("---" if i in self.left else "---:" for i in range(1, len(self.header))))
        cells = [self.header, rule, *self.rows]
        return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in cells)

    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]

    def _lines(self, columns: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
        rule = tuple("─" * width for width in widths)
        yield from self._padded([self.header[i] for i in columns], columns, widths)
        yield "  ".join(rule)
        for row in self.rows:
            yield from self._padded([row[i] for i in columns], columns, widths)

    def _padded(self, row: Sequence[str], columns: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
        folded = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
        for i in range(max(map(len, folded))):
            cells = [lines[i] if i < len(lines) else "" for lines in folded]
            yield "  ".join(
                cell.ljust(width) if column == 0 or column in self.left else cell.rjust(width)
                for cell, column, width in zip(cells, columns, widths, strict=True)
            ).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _blocks(widths: Sequence[int], first: int, width: int) -> Iterator[list[int]]:
    """Columns after the first, as many to a block as fit beside it."""
    block: list[int] = []
    for i in range(1, len(widths)):
        if block and first + sum(widths[j] + _GAP for j in (*block, i)) > width:
            yield block
            block = []
        block.append(i)
    yield block
