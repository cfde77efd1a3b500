"""The hits page in hands: sorted, filtered, selected from, saved, copied, looked at closer, printed, scrolled."""

from __future__ import annotations

import io
from functools import lru_cache

import msgspec
import pandas as pd
import pytest
from browser.chromium import assert_accessible, complaints, downloaded, printed, set_width
from made_hits import HITS, hit
from rdkit import Chem
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from molq.report.files.hits_csv import hits_csv
from molq.report.pages import molecules
from molq.report.pages.hits import hits_page
from molq.results.hits import Belief, Contributions, Hits, Moved

SMILES = [
    "CCO",
    "c1ccccc1C(=O)N",
    "CC(=O)Oc1ccccc1C(=O)O",
    "C1CCNCC1",
    "N[C@@H](C)C(=O)O",
    "Clc1ccncc1",
    "CCN",
    "OCC1CC1",
]
SIMILARITY = [0.9, 0.8, 0.15, 0.4, 0.6, 0.25, 0.1, 0.7]


def one(i: int) -> dict:
    smiles = SMILES[i % len(SMILES)]
    similarity = SIMILARITY[i % len(SMILES)]
    return {
        "rank": i + 1,
        "row": 10 * i,
        "smiles": smiles,
        "identifier": f'mol-{i}, "α"',
        "score": 1 - i / 10_000,
        "scores": {"p": 1 - i / 10_000, "p_std": (i * 37 % 11) / 10},
        "others": {"vendor": "Acme" if i % 2 else "B & C"},
        "alerts": ("PAINS: x",) if i == 1 else (),
        "properties": {"mol_weight": 100.5 + i % 8, "logp": -1.25 + i % 8},
        "belief": Belief(similarity, "Oc1ccccc1", 0.1, 0.05, "inside" if similarity > 0.5 else "outside"),
        "contributions": Contributions((0.5, *[-0.25] * (Chem.MolFromSmiles(smiles).GetNumAtoms() - 1)), 0.0, 0.0),
        "moved": Moved(0.5, 3, i + 1, 8),
    }


def made(n: int) -> Hits:
    return msgspec.structs.replace(HITS, hits=tuple(hit(**one(i)) for i in range(n)), considered=n)


EIGHT = made(8)


class Page:
    """A hits page in the browser, by what a person sees of it."""

    def __init__(self, driver, folder, hits: Hits) -> None:
        self.driver, self.folder = driver, folder
        path = folder / "hits.html"
        path.write_text(hits_page(hits), encoding="utf-8")
        driver.get(path.as_uri())

    def by(self, css: str):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def ranks(self, rows: str = "tbody tr[data-index]") -> list[int]:
        cells = self.driver.find_elements(By.CSS_SELECTOR, f".molecule-table {rows} td[data-title=Rank]")
        return [int(cell.text.replace(",", "")) for cell in cells]

    def selected(self) -> list[int]:
        return self.ranks("tr[aria-selected=true]")

    def row(self, rank: int):
        return self.by(f".molecule-table tr[data-index='{self.ranks().index(rank)}'] td[data-key=molecule]")

    def fill(self, css: str, text: str) -> None:
        field = self.by(css)
        field.clear()
        field.send_keys(text)
        self.wait()

    def wait(self) -> None:
        """Until what was asked of the page is drawn."""
        self.driver.execute_async_script(
            "setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(arguments[0])), 20)"
        )

    def sort(self, title: str) -> list[int]:
        heads = self.driver.find_elements(By.CSS_SELECTOR, ".molecule-table th button")
        next(head for head in heads if head.text.split()[0] == title).click()
        return self.ranks()

    def keys(self, *keys: str) -> None:
        self.by(".molecule-table").send_keys(*keys)


@pytest.fixture
def page(browser, tmp_path):
    found = Page(browser, tmp_path, EIGHT)
    yield found
    assert complaints(browser) == []


def test_a_click_on_a_head_sorts_and_a_second_turns_round(page):
    assert page.ranks() == [1, 2, 3, 4, 5, 6, 7, 8]
    by_similarity = sorted(range(8), key=lambda i: -SIMILARITY[i])
    assert page.sort("Similarity") == [i + 1 for i in by_similarity]
    assert page.by("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert page.sort("Similarity") == [i + 1 for i in reversed(by_similarity)]
    assert page.sort("Molecule") == [1, 2, 3, 4, 5, 6, 7, 8]
    page.by("th button").send_keys(Keys.ENTER)
    assert page.ranks()[0] == 1


def test_numbers_texts_and_words_filter(page):
    page.fill("#text", "b & c")
    assert page.ranks() == [1, 3, 5, 7]
    page.by("#unfilter").click()
    page.fill("input[aria-label='Similarity, at least']", "0.2")
    page.fill("input[aria-label='Similarity, at most']", "0.7")
    assert page.ranks() == [4, 5, 6, 8]
    assert page.by("#said").text.startswith("4 molecules of 8 shown")
    page.by("#unfilter").click()
    page.by("#clean").click()
    page.wait()
    assert page.ranks() == [1, 3, 4, 5, 6, 7, 8]
    page.fill("#text", "nothing is called so")
    assert page.ranks() == []
    assert page.by(".none-shown").is_displayed()


def test_smarts_filter_and_what_is_no_smarts_is_said(page):
    page.fill("#smarts", "c1ccccc1C(=O)[N,O]")
    expected = [
        i + 1
        for i, s in enumerate(SMILES)
        if Chem.MolFromSmiles(s).HasSubstructMatch(Chem.MolFromSmarts("c1ccccc1C(=O)[N,O]"))
    ]
    assert page.ranks() == expected == [2, 3]
    assert page.by("#smarts-said").text == "2 molecules match"
    page.fill("#smarts", "c1ccc")
    assert page.by("#smarts-said").text.startswith("Not applied: ring 1 is not closed")
    assert page.by("#smarts").get_attribute("aria-invalid") == "true"
    assert len(page.ranks()) == 8
    assert_accessible(page.driver)


def test_click_shift_and_keyboard_select(page):
    page.row(2).click()
    assert page.selected() == [2]
    ActionChains(page.driver).key_down(Keys.SHIFT).click(page.row(5)).key_up(Keys.SHIFT).perform()
    assert page.selected() == [2, 3, 4, 5]
    page.row(3).click()
    assert page.selected() == [2, 4, 5]
    page.keys(Keys.ESCAPE)
    assert page.selected() == []
    page.keys(Keys.HOME, Keys.ARROW_DOWN, Keys.SPACE, Keys.SHIFT + Keys.ARROW_DOWN * 2)
    assert page.selected() == [2, 3, 4]
    page.keys(Keys.CONTROL + "a")
    assert len(page.selected()) == 8
    assert page.by(".molecule-table thead input").is_selected()


def test_what_is_no_longer_shown_is_no_longer_selected(page):
    page.by("#all").click()
    page.fill("#text", "acme")
    assert page.selected() == [2, 4, 6, 8]
    assert page.by("#said").text == "4 molecules of 8 shown, 4 selected"


def test_a_lasso_and_a_frame_select_what_lies_in_them(page):
    plot = page.by(".scatter")
    width, height = plot.size["width"], plot.size["height"]
    corners = [
        (0.035, -0.48),
        (0.49, -0.48),
        (0.49, 0.48),
        (0.035, 0.48),
    ]  # from the centre; a similarity of 0.5 lies left
    (x, y), *others = [(int(x * width), int(y * height)) for x, y in corners]
    chain = ActionChains(page.driver).move_to_element_with_offset(plot, x, y).click_and_hold()
    for x, y in others:
        chain.move_to_element_with_offset(plot, x, y)
    chain.release().perform()
    assert page.selected() == [i + 1 for i, found in enumerate(SIMILARITY) if found > 0.5]
    page.by("#none").click()
    chain = ActionChains(page.driver).send_keys(*[Keys.ARROW_LEFT] * 40, *[Keys.ARROW_UP] * 20)
    chain.key_down(Keys.SHIFT).send_keys(*[Keys.ARROW_RIGHT] * 60, *[Keys.ARROW_DOWN] * 40).key_up(Keys.SHIFT)
    page.driver.execute_script("arguments[0].focus()", plot)
    chain.send_keys(Keys.SPACE).perform()
    assert len(page.selected()) == 8


def test_what_is_saved_is_what_molq_writes_of_the_selected(page, tmp_path):
    for rank in (2, 5):
        page.row(rank).click()
    page.by("#csv").click()
    saved = downloaded(page.driver, tmp_path / "hits.csv")
    chosen = msgspec.structs.replace(EIGHT, hits=(EIGHT.hits[1], EIGHT.hits[4]))
    ours, molqs = (pd.read_csv(io.BytesIO(text)) for text in (saved, hits_csv(chosen)))
    pd.testing.assert_frame_equal(ours[molqs.columns], molqs, check_exact=True)
    page.by("#sdf").click()
    downloaded(page.driver, tmp_path / "hits.sdf")
    mols = list(Chem.SDMolSupplier(str(tmp_path / "hits.sdf")))
    assert [Chem.MolToSmiles(mol) for mol in mols] == [Chem.CanonSmiles(SMILES[1]), Chem.CanonSmiles(SMILES[4])]
    assert mols[1].GetProp("_Name") == 'mol-4, "α"'
    assert mols[1].GetPropsAsDict()["p"] == EIGHT.hits[4].score


def test_smiles_are_copied(page):
    page.sort("Similarity")
    page.by("#copy").click()
    WebDriverWait(page.driver, 5).until(lambda _: page.by("#copied").text)
    copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied.split() == [SMILES[i] for i in sorted(range(8), key=lambda i: -SIMILARITY[i])]


def test_a_molecule_is_looked_at_closer(page):
    page.keys(Keys.HOME, Keys.ENTER)
    dialog = page.by("#closer")
    assert dialog.is_displayed()
    assert 'Rank 1, mol-0, "α"' in dialog.text
    assert dialog.find_element(By.CSS_SELECTOR, "#closer-nearest svg").is_displayed()
    assert_accessible(page.driver, "#closer")
    page.by("#closer-after").click()
    assert "Rank 2" in page.by("#closer-title").text
    page.by("#closer-select").click()
    ActionChains(page.driver).send_keys(Keys.ESCAPE).perform()
    assert not dialog.is_displayed()
    assert page.selected() == [2]


def test_colours_of_atoms_and_columns_can_be_taken_away(page):
    paint = "return getComputedStyle(document.querySelector('.kind-picture g[stroke=\"var(--plus)\"]')).stroke"
    assert page.driver.execute_script(paint) == "rgb(224, 130, 20)"
    page.by("#coloured").click()
    assert page.driver.execute_script(paint) == "rgba(0, 0, 0, 0)"
    boxes = {label.text: label for label in page.driver.find_elements(By.CSS_SELECTOR, "#columns label")}
    assert "vendor" not in page.by(".molecule-table thead").text
    page.driver.execute_script("arguments[0].closest('details').open = true", page.by("#columns"))
    boxes = {label.text: label for label in page.driver.find_elements(By.CSS_SELECTOR, "#columns label")}
    boxes["vendor"].click()
    assert "vendor" in page.by(".molecule-table thead").text


def test_what_is_selected_is_printed_as_cards(page):
    page.row(3).click()
    page.driver.execute_script("""
        const said = () => document.querySelector("#printed").textContent;
        const drawn = () => document.querySelectorAll("#cards svg").length;
        addEventListener("beforeprint", () => (window.cards = [said(), drawn()]));
    """)
    assert printed(page.driver).startswith(b"%PDF")
    text, drawings = page.driver.execute_script("return window.cards")
    assert "The 1 selected molecule" in text
    assert 'mol-2, "α"' in text
    assert drawings == 1


def test_cards_on_a_telephone_hold_the_same(page):
    set_width(page.driver, 420)
    page.wait()
    assert page.ranks()[:2] == [1, 2]
    row = page.by("tr[data-index='0']")
    assert row.size["width"] <= 420
    assert "Similarity" in page.driver.execute_script(
        "return [...arguments[0].cells].map((c) => getComputedStyle(c, '::before').content).join()", row
    )
    row.find_element(By.CSS_SELECTOR, "td[data-key=molecule]").click()
    assert page.selected() == [1]


@pytest.mark.parametrize("n", [1000, pytest.param(5000, marks=pytest.mark.slow)])
def test_thousands_of_rows_scroll_smoothly(n, browser, tmp_path, monkeypatch):
    """What the page computes for a frame fits into a frame at 2,400 pixels a second, and nearly at ten times that."""
    for name in ("picture", "sketch"):
        cached = lru_cache(getattr(molecules, name))
        monkeypatch.setattr(molecules, name, cached)
    page = Page(browser, tmp_path, made(n))
    assert page.by(".molecule-table").get_attribute("aria-rowcount") == str(n + 1)
    assert len(page.ranks()) < 40
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    for step_px, most_ms in ((40, 12), (400, 24)):
        assert cpu_ms_per_frame(browser, step_px) < most_ms
    page.keys(Keys.END)
    page.wait()
    assert page.ranks()[-1] == n
    page.fill("#text", "mol-99")
    WebDriverWait(browser, 10).until(lambda _: page.by("#said").text.startswith("11 molecules"))
    assert complaints(browser) == []


def cpu_ms_per_frame(driver, step_px: int, n_frames: int = 40) -> float:
    """What the main thread computes, by its own clock: a busy machine does not count."""

    def busy_s() -> float:
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    before = busy_s()
    driver.execute_async_script(
        """
        const [step, frames, done] = arguments;
        const scroller = document.querySelector(".molecule-scroller");
        scroller.scrollIntoView();
        let left = frames;
        const tick = () => {
          scroller.scrollTop += step;
          (left -= 1) ? requestAnimationFrame(tick) : done();
        };
        requestAnimationFrame(tick);
        """,
        step_px,
        n_frames,
    )
    return (busy_s() - before) * 1000 / n_frames
