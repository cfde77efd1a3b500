"""Tables of pages: sorted by a click or a key, numbers as numbers, and it is said how."""

from __future__ import annotations

from importlib.resources import files

import pytest
from made_results import make_study
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from molq.report.pages.page import render
from molq.report.pages.study import study_page
from molq.report.table import Table

SCRIPT = files("molq.report").joinpath("templates", "sort.js").read_text(encoding="utf-8")


@pytest.fixture
def buttons(browser, tmp_path) -> list[WebElement]:
    """Of the columns scheme and size, of a page with a table of schemes."""
    (tmp_path / "page.html").write_text(study_page(make_study()), encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    return browser.find_elements(By.CSS_SELECTOR, "table.sortable")[0].find_elements(By.CSS_SELECTOR, "th button")[:2]


def cells(browser, column: int = 0) -> list[str]:
    rows = "document.querySelector('table.sortable').tBodies[0].rows"
    return browser.execute_script(f"return [...{rows}].map((row) => row.cells[arguments[0]].innerText)", column)


def test_a_column_sorts_when_it_is_clicked(browser, buttons):
    name, size = buttons
    size.click()
    assert cells(browser) == ["fp32", "bf16", "fp16", "int8", "int8-dynamic"]
    size.click()
    assert cells(browser) == ["int8-dynamic", "int8", "fp16", "bf16", "fp32"]
    name.click()
    assert cells(browser) == ["bf16", "fp16", "fp32", "int8", "int8-dynamic"]


def test_it_sorts_by_keyboard_and_says_how(browser, buttons):
    _, size = buttons
    heads = browser.find_elements(By.CSS_SELECTOR, "table.sortable")[0].find_elements(By.TAG_NAME, "th")
    size.send_keys(Keys.ENTER)
    assert cells(browser)[0] == "fp32"
    assert [head.get_attribute("aria-sort") for head in heads[:2]] == [None, "descending"]
    size.send_keys(Keys.SPACE)
    assert cells(browser)[0] == "int8-dynamic"
    assert heads[1].get_attribute("aria-sort") == "ascending"
    buttons[0].send_keys(Keys.ENTER)
    assert [head.get_attribute("aria-sort") for head in heads[:2]] == ["ascending", None]


@pytest.mark.parametrize(
    ("given", "falling"),
    [
        (["1,200", "−3", "–", "1.9e−3", "exact"], ["exact", "1,200", "1.9e−3", "−3", "–"]),
        (["0.encoder", "10.head", "2.encoder"], ["10.head", "2.encoder", "0.encoder"]),
        (["7 (9×)", "none", "12 (3×)"], ["12 (3×)", "7 (9×)", "none"]),
        (["+0.001 [−1, 2]", "−0.5 [−1, 2]", "+0.1"], ["+0.1", "+0.001\n[−1, 2]", "−0.5\n[−1, 2]"]),
    ],
)
def test_numbers_are_ordered_as_numbers_and_what_is_none_comes_last(browser, tmp_path, given, falling):
    table = Table(("name", "value"), tuple(("x", cell) for cell in given))
    made = render("fragments/mixed", table=table).replace("<table>", '<table class="sortable">')
    text = f"<!doctype html><title>t</title>{made}<script>{SCRIPT}</script>"
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    button = browser.find_elements(By.CSS_SELECTOR, "th button")[1]
    button.click()
    if browser.execute_script("return document.querySelectorAll('th')[1].ariaSort") == "ascending":
        button.click()
    assert cells(browser, 1) == falling


def test_a_column_of_drawings_is_no_button(browser, tmp_path):
    table = Table(("name", "drawn"), (("x", ""), ("y", "")))
    made = render("fragments/mixed", table=table).replace("<table>", '<table class="sortable">')
    text = f"<!doctype html><title>t</title>{made}<script>{SCRIPT}</script>"
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    assert [button.text for button in browser.find_elements(By.CSS_SELECTOR, "th button")] == ["name"]
