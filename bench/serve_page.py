"""The page of `molq serve`: how fast it is there, whether its editor draws the molecule that was meant, and a picture.

    python bench/serve_page.py [URL]

Starts a server with the BACE model in fp32 and int8, or takes the one at URL. Writes docs/img/serve.png and
bench/out/serve_page.md. Needs Chromium with its driver, and selenium.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rdkit import Chem, RDLogger

import molq
from molq.chem.table import read_table
from molq.data.locate import locate

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out" / "serve_page.md"
PICTURE = ROOT / "docs" / "img" / "serve.png"
SETS = ("bace", "clintox", "zinc-sample")
N_TIMES = 7
WIDTH, HEIGHT = 1400, 1560
DRAW = """
const [smiles, done] = arguments;
import("/static/vendor/openchemlib.js").then(({ Molecule }) => done(smiles.map((text) => {
  try {
    const molecule = Molecule.fromSmiles(text);
    return [molecule.toMolfileV3(), molecule.toIsomericSmiles()];
  } catch (error) {
    return ["", ""];
  }
})));
"""


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    from browser import chromium  # type: ignore[import-not-found]

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(_served(folder, *sys.argv[1:]))
        driver = stack.enter_context(chromium.started(folder))
        chromium.reset(driver, folder)
        times = sorted(_first_screen_ms(driver, url) for _ in range(N_TIMES))
        chromium.set_width(driver, WIDTH, HEIGHT)
        _show(driver, url)
        chromium.shot(driver, PICTURE, whole=False)
        rows = [_drawn(driver, name) for name in SETS]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(_table(times[len(times) // 2], rows), encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))


@contextlib.contextmanager
def _served(folder: Path, url: str | None = None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    from server.running_server import RunningServer  # type: ignore[import-not-found]

    small = folder / "bace-int8.molq"
    molq.load("bace-dmpnn").quantize("int8-dynamic").save(small)
    with RunningServer(["bace-dmpnn", str(small)], folder) as server:
        yield server.url


def _first_screen_ms(driver: Any, url: str) -> float:
    """From the request to a page that can be used, nothing of it in the browser's cache."""
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    driver.get(url)
    _until(driver, "performance.getEntriesByName('molq-ready').length > 0")
    found: float = driver.execute_script("return performance.getEntriesByName('molq-ready')[0].startTime")
    return found


def _show(driver: Any, url: str) -> None:
    """Eight drugs under both models, those that moved most first."""
    driver.get(url)
    _until(driver, "document.getElementById('reference').innerText")
    driver.find_element("id", "example").click()
    driver.find_element("css selector", ".chips button").click()
    _until(driver, "document.querySelector('th[data-key^=change]')?.ariaSort")
    _until(driver, "document.querySelectorAll('#results .kind-picture svg').length >= 6")


def _until(driver: Any, holds: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, 60, 0.05).until(lambda d: d.execute_script(f"return {holds}"))


def _drawn(driver: Any, name: str) -> tuple[str, int, int, int]:
    """Set, molecules, and of these those that RDKit reads as others: from the mol block, from openchemlib's SMILES."""
    smiles = [text for text in read_table(locate(name)).read_smiles if Chem.MolFromSmiles(text) is not None]
    n_blocks = n_smiles = 0
    for start in range(0, len(smiles), 500):
        part = smiles[start : start + 500]
        for text, (block, written) in zip(part, driver.execute_async_script(DRAW, part), strict=True):
            meant = Chem.CanonSmiles(text)
            n_blocks += _spelled(Chem.MolFromMolBlock(block)) != meant
            n_smiles += _spelled(Chem.MolFromSmiles(written)) != meant
    return name, len(smiles), n_blocks, n_smiles


def _spelled(mol: Chem.Mol | None) -> str | None:
    return None if mol is None else Chem.MolToSmiles(mol)


def _table(first_screen_ms: float, rows: list[tuple[str, int, int, int]]) -> str:
    lines = [
        "| set | molecules | other by the mol block | other by openchemlib's SMILES |",
        "|---|---:|---:|---:|",
        *(f"| {name} | {n:,} | {blocks} | {smiles} |" for name, n, blocks, smiles in rows),
        "",
        f"- the first screen, nothing cached, median of {N_TIMES}: {first_screen_ms:.0f} ms",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
