"""Self-contained HTML pages from the templates of this folder: one design, everything escaped, nothing undefined."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from molq.report import numbers, palette, terms

_HYPHEN = re.compile(r"(?<![^\s(\[])-(?=\d)")
"""before a number"""
_FORMATS = ("decibels", "decimal", "interval", "kilobytes", "percent", "scientific", "times")


def render(template: str, **values: Any) -> str:
    """The text of ``templates/{template}.html.jinja``, in which the formats of ``numbers`` are filters."""
    return _environment().get_template(f"{template}.html.jinja").render(values)


def fragment(template: str, **values: Any) -> str:
    """The same for a notebook: an element with a style of its own, in the colours of the notebook's theme."""
    return render(f"fragments/{template}", **values)


def macros() -> Any:
    """The macros of ``templates/macros.html.jinja``, for what stands in a cell of a table."""
    return _environment().get_template("macros.html.jinja").module


def asset(name: str) -> str:
    """The text of a style sheet or a script of ``templates``."""
    return files("molq.report").joinpath("templates", name).read_text(encoding="utf-8")


def marked(text: str) -> Markup:
    """Text with what stands between backticks in a code element, and true minus signs elsewhere."""
    pieces = (_code(p) if i % 2 else escape(_HYPHEN.sub("−", p)) for i, p in enumerate(text.split("`")))
    return Markup("").join(pieces)


def sentence(text: str) -> Markup:
    """``marked``, from a capital letter on."""
    return marked(text[:1].upper() + text[1:])


def stacked(text: str) -> Markup:
    """A cell in which an interval in brackets stands below its value."""
    value, bracket, bounds = text.partition(" [")
    return Markup("{}<small>[{}</small>").format(value, bounds) if bracket else escape(text)


def heading(text: str) -> Markup:
    """The head of a column in which a remark in parentheses stands below."""
    value, bracket, remark = text.partition(" (")
    return Markup("{}<small>{}</small>").format(value, remark.removesuffix(")")) if bracket else escape(text)


def breakable(text: str) -> Markup:
    """A name that may be broken after what chemists put between its parts."""
    return Markup("<wbr/>").join(re.split(r"(?<=[_;)/])(?=\w)", text))


def _code(text: str) -> Markup:
    """A code element that is broken between its words alone."""
    words = (Markup("<span>{}</span>").format(word) for word in text.split(" "))
    return Markup("<code>{}</code>").format(Markup(" ").join(words) if " " in text else text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("molq.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(numbers, name) for name in _FORMATS}
    environment.filters |= {"marked": marked, "sentence": sentence, "stacked": stacked, "heading": heading}
    environment.filters |= {"breakable": breakable}
    inside = asset("parts.css") + asset("fragment.css")
    environment.globals |= {
        "style": Markup(palette.variables(":root") + asset("page.css") + asset("parts.css") + asset("screens.css")),
        "fragment_style": Markup(palette.theme_variables(".molq") + f".molq {{\n{inside}}}\n"),
        "script": Markup(asset("sort.js")),
        "terms": terms.TERMS,
        "badges": terms.BADGES,
    }
    return environment
