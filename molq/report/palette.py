"""The colours and the font of everything that molq draws, light and dark, as variables of CSS."""

from __future__ import annotations

LIGHT = {
    "ink": "#1b1f27",
    "muted": "#5d6675",
    "grid": "#dfe3ea",
    "accent": "#0b6e75",
    "plain": "#6b7a90",
    "band": "#f6dfda",
    "surface": "#ffffff",
    "page": "#f5f6f8",
    "good": "#14703f",
    "bad": "#b3372b",
    "open": "#7d5800",
    "plus": "#e08214",
    "minus": "#2f6fb5",
    "mark": "#f2c230",
}
DARK = {
    "ink": "#e8ebf0",
    "muted": "#9aa5b5",
    "grid": "#313945",
    "accent": "#4fc3c8",
    "plain": "#8d9bb0",
    "band": "#46292a",
    "surface": "#171b21",
    "page": "#0f1216",
    "good": "#57c98a",
    "bad": "#f08a7d",
    "open": "#dcb14c",
    "plus": "#b35806",
    "minus": "#5b9de0",
    "mark": "#8a6a00",
}
"""``band`` shades what lies beyond a limit; ``good``, ``bad`` and ``open`` colour verdicts; ``plus`` and ``minus``
colour atoms that raise and lower a score, ``mark`` those of a substructure"""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_DARK_THEMES = ("[data-jp-theme-light='false']", ".vscode-dark", "[data-theme='dark']", "[theme='dark']")
"""what JupyterLab, VS Code, Jupyter Book and Colab say above a dark notebook"""


def variables(selector: str) -> str:
    """CSS that defines every colour for ``selector``: light, dark on screens that are, and light on paper."""
    light, dark = ("; ".join(f"--{name}: {value}" for name, value in theme.items()) for theme in (LIGHT, DARK))
    return (
        f"{selector} {{ color-scheme: light dark; --font: {FONT}; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ {selector} {{ {dark} }} }}\n"
    )


def theme_variables(selector: str) -> str:
    """The same for a fragment inside a notebook, whatever its theme: ink is the text around it, the rest follows."""
    follows = {
        "ink": "currentColor",
        "muted": "color-mix(in srgb, currentColor 68%, transparent)",
        "grid": "color-mix(in srgb, currentColor 18%, transparent)",
        "surface": "transparent",
    }
    light, dark = (
        "; ".join(f"--{name}: {value}" for name, value in {**theme, **follows}.items()) for theme in (LIGHT, DARK)
    )
    themes = ", ".join(f"{theme} {selector}" for theme in _DARK_THEMES)
    return f"{selector} {{ --font: inherit; {light} }}\n{themes} {{ {dark} }}\n"
