"""The page of the server: its HTML, without a molecule or a model in it, and the look that it shares with reports."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from molq.report import palette
from molq.report.pages.page import asset
from molq.results.hits import VERDICT_WORDS
from molq.serial import to_json


def shell(version: str) -> str:
    """The page; what it shows it asks the HTTP API for."""
    return environment().get_template("page.html.jinja").render(version=version, modules=_modules())


def look() -> str:
    """The style sheet of every page of molq, its colours light and dark."""
    sheets = ("page.css", "parts.css", "screens.css", "molecules.css")
    return palette.variables(":root") + "".join(map(asset, sheets))


def made() -> dict[str, str]:
    """The files of ``/static`` that lie in no folder, by name: parts of reports, and words that all of molq shares."""
    words = f"export const MEANS = {to_json(VERDICT_WORDS).decode()};\n"
    return {"look.css": look(), "molecules.js": asset("scripts/molecules.js"), "verdicts.js": words}


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
    names = {f.name for f in files("molq.server").joinpath("static").iterdir()} | set(made())
    return sorted(name for name in names if name.endswith(".js"))
