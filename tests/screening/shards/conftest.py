"""The 1,500 rows of a library, screened whole and in shards by a fake scorer; each way once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from molq.results.screening import ScreenSummary

Made = Callable[..., Any]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, smiles: list[str]) -> Path:
    """model.molq and library.csv, as the fixtures of these names make them."""
    folder = tmp_path_factory.mktemp("sharded")
    (folder / "model.molq").write_bytes(b"a stand-in: the fake scorers do not read it")
    rows = [f"{'C(' if i % 100 == 7 else text},M{i},{i * 0.5}\n" for i, text in enumerate(smiles)]
    (folder / "library.csv").write_text("smiles,id,price\n" + "".join(rows))
    return folder


@pytest.fixture(scope="session")
def stored(home: Path) -> Made:
    """Runs, by where they go and how they are done; none is done twice."""
    from fake_runs import screen

    done: dict[str, tuple[Path, list[ScreenSummary]]] = {}

    def run(name: str, shards: list[str | None], **options: Any) -> tuple[Path, list[ScreenSummary]]:
        key = f"{name} {shards} {sorted(options.items())}"
        if key not in done:
            output = home / str(len(done)) / name
            output.parent.mkdir()
            settings = {"workers": 0, "shard_rows": 400, **options}
            model, library = home / "model.molq", home / "library.csv"
            done[key] = output, [screen(model, library, output, shard=shard, **settings) for shard in shards]
        return done[key]

    return run


@pytest.fixture
def sharded(stored: Made, tmp_path: Path) -> Callable[..., Path]:
    """sharded(5, top=3): a folder of so many shards, made in an order of its own."""

    def make(count: int, *, but: int | None = None, folder: str = "shards", **options: Any) -> Path:
        numbers = [*range(2, count + 1, 2), *range(1, count + 1, 2)]
        made, _ = stored("shards", [f"{number}/{count}" for number in numbers], **options)
        place = Path(shutil.copytree(made, tmp_path / folder))
        for path in place.glob(f"shard-*{but}-of-*") if but else ():
            path.unlink()
        return place

    return make


@pytest.fixture
def whole(stored: Made, tmp_path: Path) -> Callable[..., ScreenSummary]:
    """whole("whole.csv", top=3): the same by one machine."""

    def make(name: str, **options: Any) -> ScreenSummary:
        made, [summary] = stored(name, [None], **options)
        for path in made.parent.iterdir():
            shutil.copy(path, tmp_path)
        return summary

    return make
