from __future__ import annotations

from molq.report.palette import DARK, LIGHT, theme_variables, variables


def test_light_and_dark_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()


def test_a_page_is_dark_on_dark_screens_and_light_on_paper():
    light, dark = variables(":root").split("@media screen and (prefers-color-scheme: dark)")
    assert all(f"--{name}: {value}" in light for name, value in LIGHT.items())
    assert all(f"--{name}: {value}" in dark for name, value in DARK.items())


def test_a_fragment_takes_the_ink_of_its_notebook_and_follows_its_theme():
    text = theme_variables(".molq")
    assert "--ink: currentColor" in text
    assert "[data-jp-theme-light='false'] .molq" in text
    assert "prefers-color-scheme" not in text
    assert LIGHT["ink"] not in text
