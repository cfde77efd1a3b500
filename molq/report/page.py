"""The frame of a self-contained HTML page, and the few elements that reports are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files

from molq.report.svg import page_variables


def page(title: str, body: Iterable[str]) -> str:
    """A whole HTML document; nothing in it is loaded from elsewhere."""
    css = page_variables() + files("molq.report").joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>\n</body>\n</html>\n",
        )
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = ()) -> str:
    """A table of HTML cells that scrolls by itself when it is too wide; columns ``left`` are read from the left."""
    mark = [' class="left"' if i in left else "" for i in range(len(header))]
    head = "".join(f'<th scope="col"{m}>{cell}</th>' for m, cell in zip(mark, header, strict=True))
    body = "\n".join(
        "<tr>" + "".join(f"<td{m}>{cell}</td>" for m, cell in zip(mark, row, strict=True)) + "</tr>" for row in rows
    )
    return (
        f'<div class="card scroll" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def facts(entries: Mapping[str, str]) -> str:
    """Names and values, the values as text."""
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in entries.items()) + "</dl>"


def tile(what: str, figure: str, detail: str) -> str:
    """A number to be seen first."""
    return (
        f'<div class="card tile"><p class="what">{escape(what)}</p><div class="figure">{escape(figure)}</div>'
        f'<p class="detail">{escape(detail)}</p></div>'
    )


def panel(caption: str, remark: str, svg: str) -> str:
    """A figure with its caption."""
    return (
        f'<figure class="card"><figcaption>{escape(caption)}<small>{escape(remark)}</small></figcaption>{svg}</figure>'
    )
