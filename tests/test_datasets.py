from __future__ import annotations

import pytest

from molq import datasets
from molq.data.registry import dataset_info
from molq.errors import DatasetError, InputError


def test_names_and_what_is_known_of_each() -> None:
    assert {"bace", "zinc-sample"} <= set(datasets.names())
    assert datasets.names() == sorted(datasets.names())
    assert datasets.info("bace") == dataset_info("bace")
    with pytest.raises(InputError, match="did you mean bace"):
        datasets.info("bacce")


def test_an_embedded_set_has_a_file() -> None:
    assert datasets.path("bace").is_file()


def test_a_set_that_is_not_here_is_not_fetched_unasked(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.delenv("MOLQ_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DatasetError, match="molq data get hiv"):
        datasets.path("hiv", download=False)
