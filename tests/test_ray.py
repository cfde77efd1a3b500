"""molq.ray: a screen inside a pipeline of Ray Data."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import molq
import molq.ray
from molq.errors import UnsupportedError

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"
)
"""Ray Data warns of itself"""


def test_it_is_not_imported_with_molq():
    code = "import molq, sys; print({'ray', 'molq.ray'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UnsupportedError) as caught:
        molq.ray.screen("bace", "bace-dmpnn")
    assert str(caught.value) == (
        "`molq.ray.screen` needs ray, which is not installed; install it with: pip install 'molq[ray]'"
    )


@pytest.mark.slow
def test_a_dataset_comes_out_with_scores_and_reasons(two_cpus):
    import ray

    smiles = ["CCO", "C1CC", None, "CC(=O)Oc1ccccc1C(=O)O", " CCN "]
    dataset = ray.data.from_items([{"n": n, "SMILES": text, "Class": "kept"} for n, text in enumerate(smiles)])
    rows = molq.ray.screen(dataset, "bace-dmpnn", concurrency=1).take_all()
    rows.sort(key=lambda row: row["n"])
    assert [row["SMILES"] for row in rows] == smiles
    assert {row["Class"] for row in rows} == {"kept"}
    scores, reasons = molq.load("bace-dmpnn").predict([text or "" for text in smiles], reasons=True)
    assert [row["rejected"] for row in rows] == list(reasons)
    found = np.array([row["task_Class"] for row in rows], np.float32)
    np.testing.assert_array_equal(found.view(np.uint32)[[0, 3, 4]], scores.view(np.uint32)[[0, 3, 4]])
    assert np.isnan(found[[1, 2]]).all()


@pytest.mark.slow
def test_a_library_comes_out_as_a_screen_writes_it(two_cpus, tmp_path):
    import ray

    dataset = molq.ray.screen("bace", ["bace-dmpnn", "esol-dmpnn"], tasks=["Class"], concurrency=1)
    table = pa.concat_tables(ray.get(dataset.to_arrow_refs())).sort_by("row")
    molq.screen(["bace-dmpnn", "esol-dmpnn"], "bace", tmp_path / "out.parquet", tasks=["Class"], workers=1)
    assert table["row"].to_pylist() == list(range(1513))
    assert table.drop_columns("row").equals(pq.read_table(tmp_path / "out.parquet"))
