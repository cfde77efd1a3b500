"""The page of the server: its HTML, without a molecule or a model in it, and the look that it shares with reports."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from molq.report import palette
from molq.report.pages.page import asset


def shell(version: str) -> str:
    """The page; what it shows it asks the HTTP API for."""
    return environment().get_template("page.html.jinja").render(version=version, modules=_modules())


def look() -> str:
    """The style sheet of every page of molq, its colours light and dark."""
    return palette.variables(":root") + asset("page.css") + asset("parts.css") + asset("screens.css")


def environment() -> Environment:
    """The templates of this package: everything escaped, nothing undefined."""
    return Environment(
        loader=PackageLoader("molq.server"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _modules() -> list[str]:
    """The scripts that the first screen needs, for a browser to fetch together."""
    return sorted(f.name for f in files("molq.server").joinpath("static").iterdir() if f.name.endswith(".js"))
