"""The page of `molq serve` in a real browser: what a chemist gives, sees, sorts, selects and takes away."""

from __future__ import annotations

import csv
import io
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chromium import NARROW, WIDE, assert_accessible, complaints, downloaded, set_dark, set_width, too_wide
from rdkit import Chem
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from server.running_server import RunningServer

PASTED = """smiles\tname
CC(=O)Oc1ccccc1C(=O)O\taspirin
c1ccccc\tnot closed
CN1CCC[C@H]1c1cccnc1\t<img src=x onerror=alert(1)>
CC(C)(C)c1ccc(O)cc1\tphenol\u202egpj
"""
SENT_ROWS = 40_000
"""long enough to be seen on its way"""


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> list[str]:
    import molq

    small = tmp_path_factory.mktemp("models") / "bace-int8.molq"
    molq.load("bace-dmpnn").quantize("int8-dynamic").save(small)
    return ["bace-dmpnn", str(small)]


@pytest.fixture(scope="session")
def served(one_browser, models, tmp_path_factory) -> Iterator[str]:
    with RunningServer(models, tmp_path_factory.mktemp("served")) as server:
        yield server.url


@pytest.fixture
def page(browser: Chrome, served: str) -> Chrome:
    return opened(browser, served)


def opened(driver: Chrome, url: str) -> Chrome:
    driver.get(url)
    until(driver, "document.documentElement.dataset.ready === 'true'")
    return driver


def until(driver: Chrome, holds: str, timeout_s: float = 30) -> None:
    """Returns when an expression of JavaScript holds."""
    WebDriverWait(driver, timeout_s, 0.05).until(lambda d: d.execute_script(f"return {holds}"), f"never: {holds}")


def the(driver: Chrome, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)


def cells(driver: Chrome, key: str) -> list[str]:
    """The texts of the columns whose key begins so, from above."""
    script = "return [...document.querySelectorAll(`td[data-key^=${arguments[0]}]`)].map((cell) => cell.innerText)"
    return driver.execute_script(script, key)


def give(driver: Chrome, text: str) -> None:
    """Pastes a text, as a chemist does, and waits for its scores."""
    forget(driver)
    field = the(driver, "#molecules")
    driver.execute_script("arguments[0].value = arguments[1]; arguments[0].select()", field, text)
    field.send_keys(Keys.CONTROL, "x")
    field.send_keys(Keys.CONTROL, "v")
    scored(driver)


def forget(driver: Chrome) -> None:
    """What the page says now is not taken for an answer to what comes."""
    driver.execute_script("document.getElementById('answer').replaceChildren()")


def scored(driver: Chrome) -> None:
    until(driver, "document.querySelector('#answer b') && !document.body.dataset.busy")
    until(driver, "!document.querySelector('#results .waiting')")


def press(driver: Chrome, text: str, within: str = "main") -> None:
    """Clicks the first button whose words begin so."""
    script = """
    const buttons = [...document.querySelectorAll(`${arguments[0]} button`)];
    return buttons.find((button) => button.innerText.startsWith(arguments[1]))"""
    driver.execute_script(script, within, text).click()


def test_first_screen_in_a_second(page: Chrome, served: str) -> None:
    def time_ms() -> float:
        opened(page, served)
        return page.execute_script("return performance.getEntriesByName('molq-ready')[0].startTime")

    assert any(time_ms() < 1000 for _ in range(8))
    assert "openchemlib" not in page.execute_script(
        "return performance.getEntriesByType('resource').map((r) => r.name).join()"
    )
    assert complaints(page) == []


def test_what_was_pasted_is_scored_and_nothing_is_lost(page: Chrome) -> None:
    give(page, PASTED)
    answer = the(page, "#answer").text
    assert answer.startswith("4 molecules, 1 could not be scored (row 2: ")
    assert cells(page, "row") == ["1", "2", "3", "4"]
    names = cells(page, "molecule")
    assert names[0].startswith("aspirin")
    assert "c1ccccc" in names[1]
    assert len(names[1].splitlines()) == 3  # its name, its SMILES, and why
    assert names[2].startswith("<img src=x onerror=alert(1)>")
    assert names[3].startswith("phenol\\u202egpj")
    scores = cells(page, "score")
    assert scores[1] == ""
    import molq

    truth = molq.load("bace-dmpnn").predict(["CC(=O)Oc1ccccc1C(=O)O"])
    assert scores[0].splitlines()[0] == f"{float(truth.ravel()[0]):.3f}"
    until(page, "document.querySelectorAll('#results .kind-picture svg').length === 3")
    assert complaints(page) == []


def test_a_first_line_that_is_no_smiles_is_a_row(page: Chrome) -> None:
    give(page, "c1ccccc(\tbroken one\nCCO\nCCN\tan <amine>\n")
    assert the(page, "#answer").text.startswith("3 molecules, 1 could not be scored (row 1: ")
    assert [text.splitlines()[0] for text in cells(page, "molecule")] == ["broken one", "CCO", "an <amine>"]
    give(page, "ID\tStructure\tpIC50\nM1\tCCO\t5.5\nM2\tCCN\t\n")
    assert [text.splitlines()[0] for text in cells(page, "molecule")] == ["M1", "M2"]
    give(page, "c1ccccc(\tbroken one\n")
    assert the(page, "#answer").text.startswith("1 molecule, 1 could not be scored (row 1: ")


def test_sorted_selected_and_taken_away(page: Chrome, tmp_path: Path) -> None:
    give(page, PASTED)
    the(page, "th[data-key^=score] button").click()
    scores = [float(text.split()[0]) for text in cells(page, "score") if text]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert cells(page, "score")[-1] == ""
    the(page, "tr[data-index='0'] input").click()
    the(page, ".molecule-table").send_keys(Keys.ARROW_DOWN, Keys.SPACE)
    assert "2 selected" in the(page, "#results .bar").text
    picked = page.execute_script(
        "return [...document.querySelectorAll('[aria-selected=true] .smiles')].map((one) => one.innerText)"
    )
    press(page, "CSV", ".files")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, tmp_path / "molq-scores.csv").decode())))
    assert {row["smiles"] for row in rows} == set(picked)
    press(page, "SDF", ".files")
    downloaded(page, tmp_path / "molq-scores.sdf")
    assert {Chem.MolToSmiles(mol) for mol in Chem.SDMolSupplier(str(tmp_path / "molq-scores.sdf"))} == {
        Chem.CanonSmiles(smiles) for smiles in picked
    }
    press(page, "Excel", ".files")
    assert downloaded(page, tmp_path / "molq-scores.xlsx")[:2] == b"PK"
    assert complaints(page) == []


def test_models_side_by_side(page: Chrome) -> None:
    give(page, PASTED)
    press(page, "Compare int8-dynamic with fp32")
    until(page, "document.querySelector('th[data-key^=change]')?.ariaSort === 'descending'")
    moved = [abs(float(text.replace("−", "-"))) for text in cells(page, "change") if text]
    assert len(moved) == 3
    assert moved == sorted(moved, reverse=True)
    assert "differ most for row" in the(page, "#answer").text
    assert complaints(page) == []


def test_one_molecule_in_colours(page: Chrome) -> None:
    give(page, PASTED)
    the(page, ".molecule-table").send_keys(Keys.ENTER)
    until(page, "document.querySelector('dialog .large svg')")
    assert "raises the score" in the(page, "#molecule").text
    assert_accessible(page, "#molecule")
    the(page, "#molecule").send_keys(Keys.ESCAPE)
    until(page, "!document.getElementById('molecule').open")
    assert complaints(page) == []


def test_drawn_molecules_are_what_rdkit_reads(page: Chrome) -> None:
    the(page, "#draw").click()
    until(page, "document.getElementById('drawn')")
    tools, sheet = canvases(page)
    click(page, tools, 0.75, 9.5 / 17)  # the benzene ring
    click(page, sheet, 0.4, 0.5)
    until(page, "document.getElementById('drawn').value === 'c1ccccc1'")
    click(page, tools, 0.25, 13.5 / 17)  # O
    click(page, sheet, 0.8, 0.5)
    until(page, "document.getElementById('drawn').value === 'O.c1ccccc1'")
    until(page, "document.querySelector('.drawn b')")
    press(page, "Add to the list")
    scored(page)
    assert "O.c1ccccc1" in cells(page, "molecule")[0]
    assert complaints(page) == []


def test_a_typed_smiles_is_drawn(page: Chrome) -> None:
    the(page, "#draw").click()
    until(page, "document.getElementById('drawn')")
    the(page, "#drawn").send_keys("C[C@H](N)/C=C/C(=O)O")
    until(page, "document.querySelector('.drawn b')")
    # a change by the pointer sends the drawing: what RDKit reads of it keeps the stereo
    tools, sheet = canvases(page)
    click(page, tools, 0.75, 14.5 / 17)  # Cl
    click(page, sheet, 0.95, 0.95)
    until(page, "document.getElementById('drawn').value.includes('Cl')")
    drawn = page.execute_script("return document.getElementById('drawn').value")
    assert Chem.CanonSmiles(drawn) == Chem.CanonSmiles("C[C@H](N)/C=C/C(=O)O.Cl")


def canvases(driver: Chrome) -> list[WebElement]:
    """The tools of the editor, and its sheet."""
    script = "return [...document.querySelector('#editor .canvas').firstChild.shadowRoot.querySelectorAll('canvas')]"
    return driver.execute_script(script)


def click(driver: Chrome, element: WebElement, x: float, y: float) -> None:
    """A click at a place of an element, as shares of its size."""
    size = element.size
    place = (round((x - 0.5) * size["width"]), round((y - 0.5) * size["height"]))
    ActionChains(driver).move_to_element_with_offset(element, *place).click().perform()


def test_a_small_file_is_shown_at_once(page: Chrome, tmp_path: Path) -> None:
    mol = Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1")
    mol.SetProp("_Name", "paracetamol")
    path = tmp_path / "one.sdf"
    path.write_text(f"{Chem.MolToMolBlock(mol)}\n$$$$\nbroken\n$$$$\n")
    the(page, "#file").send_keys(str(path))
    scored(page)
    assert cells(page, "molecule")[0].startswith("paracetamol")
    assert the(page, "#answer").text.startswith("2 molecules, 1 could not be scored (row 2: ")


def sent(driver: Chrome, path: Path, n_rows: int) -> None:
    path.write_text("".join(f"C{'C' * (i % 40)}O{i % 7 * 'C'} molecule{i}\n" for i in range(n_rows)))
    the(driver, "#file").send_keys(str(path))
    until(driver, "document.querySelector('.job[data-state]')", 60)


def test_a_large_file_is_screened_and_its_best_are_shown(page: Chrome, tmp_path: Path) -> None:
    sent(page, tmp_path / "library.smi", 12_000)
    until(page, "document.querySelector('.job[data-state=done]')", 60)
    assert ": 12,000 rows" in the(page, ".job").text
    press(page, "CSV", ".job")
    assert len(downloaded(page, tmp_path / "library-scores.csv").splitlines()) == 12_001
    forget(page)
    press(page, "Show the best 100", ".job")
    scored(page)
    assert the(page, ".molecule-table").get_attribute("aria-rowcount") == "101"
    first = the(page, ".molecule-table td[data-key=molecule] b").text
    assert cells(page, "row")[0] == str(int(first.removeprefix("molecule")) + 1)
    assert complaints(page) == []
    press(page, "Delete", ".job")
    until(page, "!document.querySelector('.job')")


def test_a_screen_is_cancelled_and_goes_on(page: Chrome, tmp_path: Path) -> None:
    sent(page, tmp_path / "library.smi", SENT_ROWS)
    until(page, "document.querySelector('.job[data-state=running] progress')", 60)
    press(page, "Cancel", ".job")
    until(page, "document.querySelector('.job[data-state=cancelled]')")
    press(page, "Go on", ".job")
    until(page, "document.querySelector('.job[data-state=done]')", 120)
    assert f": {SENT_ROWS:,} rows" in the(page, ".job").text
    press(page, "Delete", ".job")


def test_on_a_telephone_no_score_is_cut_off(page: Chrome) -> None:
    set_width(page, NARROW)
    give(page, PASTED)
    script = """
    const long = "measured log solubility in mols per litre, of a model with a long name";
    for (const cell of document.querySelectorAll("td.score, td.belief")) cell.dataset.title = long;
    const belief = document.querySelector("td.belief > div");
    const more = (name) => Object.assign(belief.firstChild.cloneNode(), {innerText: name});
    belief.append(more("outside (one model)"), more("outside (another)"), more("inside (a third)"));
    const cells = [...document.querySelectorAll("td:is(.score, .belief)")].filter((cell) => cell.firstElementChild);
    const end = (element) => element.getBoundingClientRect().right;
    return cells.map((cell) => Math.max(...[...cell.querySelectorAll("*")].map(end)) - end(cell))"""
    beyond = page.execute_script(script)
    assert len(beyond) >= 4
    assert max(beyond) < 1


def test_two_clients_at_once(page: Chrome, served: str) -> None:
    first = page.current_window_handle
    page.switch_to.new_window("tab")
    opened(page, served)
    the(page, "#molecules").send_keys("CCO")
    the(page, "#score").click()
    second = page.current_window_handle
    page.switch_to.window(first)
    give(page, PASTED)
    assert len(cells(page, "row")) == 4
    page.switch_to.window(second)
    scored(page)
    assert len(cells(page, "row")) == 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("is_dark", [False, True])
def test_everybody_can_use_it(page: Chrome, width: int, is_dark: bool) -> None:
    set_width(page, width)
    set_dark(page, is_dark)
    assert_accessible(page)
    give(page, PASTED)
    until(page, "document.querySelectorAll('#results .kind-picture svg').length === 3")
    assert too_wide(page) == []
    assert_accessible(page)
    assert complaints(page) == []


@pytest.mark.slow
def test_twenty_megabytes(page: Chrome, tmp_path: Path) -> None:
    sent(page, tmp_path / "large.smi", 620_000)
    assert os.path.getsize(tmp_path / "large.smi") > 20e6
    until(page, "document.querySelector('.job[data-state=done]')", 300)
    assert ": 620,000 rows" in the(page, ".job").text
    assert complaints(page) == []


@pytest.mark.slow
def test_a_token_is_asked_for_and_a_dead_server_is_told(browser: Chrome, tmp_path: Path) -> None:
    token = "0123456789abcdef0123"
    with RunningServer(["bace-dmpnn"], tmp_path, "--token", token) as server:
        browser.get(server.url)
        until(browser, "document.getElementById('token').open")
        assert_accessible(browser, "#token")
        the(browser, "#token-text").send_keys("wrong", Keys.ENTER)
        until(browser, "document.querySelector('#token h2')?.innerText.includes('did not take')")
        the(browser, "#token-text").send_keys(token, Keys.ENTER)
        until(browser, "document.documentElement.dataset.ready === 'true'")
        give(browser, PASTED)
    the(browser, "#score").click()
    until(browser, "!document.getElementById('trouble').hidden")
    assert "does not answer" in the(browser, "#trouble").text
    assert_accessible(browser)


@pytest.mark.slow
def test_a_screen_goes_on_after_a_restart_of_the_server(browser: Chrome, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with RunningServer(["bace-dmpnn"], tmp_path, "--port", port) as server:
        opened(browser, server.url)
        sent(browser, tmp_path / "library.smi", 300_000)
        until(browser, "document.querySelector('.job progress')?.position > 0", 120)
        server.stop(signal.SIGKILL)
        until(browser, "document.querySelector('.job .state').innerText.includes('does not answer')")
    with RunningServer(["bace-dmpnn"], tmp_path, "--port", port):
        until(browser, "document.querySelector('.job[data-state=done]')", 300)
    assert ": 300,000 rows" in the(browser, ".job").text


def asked(driver: Chrome, module: str, expression: str) -> object:
    """What an expression comes to, with a module of the page as ``m``."""
    script = f"""
    const done = arguments[arguments.length - 1];
    import("/static/{module}").then(async (m) => done(await ({expression}))).catch((error) => done(String(error)))"""
    return driver.execute_async_script(script)


def test_a_percentile_never_claims_more_than_was_counted(page: Chrome) -> None:
    shares = "[0, 2.6, 97.4, 98.7, 99, 99.96, 99.999, 100].map(m.percent)"
    assert asked(page, "words.js", shares) == ["0%", "3%", "97%", "98.7%", "99.0%", "99.9%", "99.9%", "100%"]


def test_a_long_column_can_be_pasted(page: Chrome) -> None:
    rows = "m.rowsOfText('CCO\\n'.repeat(200000)).then(({ rows, truncated }) => [rows.length, truncated])"
    assert asked(page, "pasted.js", rows) == [10_000, True]


def test_a_file_that_another_sends_is_no_screen_yet(page: Chrome, served: str) -> None:
    host, port = served.removeprefix("http://").split(":")
    head = f"POST /v1/jobs?model=bace-dmpnn HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 1000\r\n\r\nCCO\n"
    with socket.create_connection((host, int(port))) as sending:
        sending.sendall(head.encode())
        is_there = "(await (await fetch('/v1/jobs')).json()).jobs.some((job) => job.state === 'uploading')"
        WebDriverWait(page, 10).until(lambda driver: asked(driver, "words.js", is_there) is True)
        before = len(page.find_elements(By.CSS_SELECTOR, ".job"))
        page.execute_script("dispatchEvent(new Event('focus'))")
        asked(page, "words.js", "new Promise((resolve) => setTimeout(resolve, 500))")
        assert len(page.find_elements(By.CSS_SELECTOR, ".job")) == before
    assert complaints(page) == []
