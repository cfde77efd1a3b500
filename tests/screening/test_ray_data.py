from __future__ import annotations

import pyarrow as pa
import pytest
import ray_cluster
from fake_scorers import DescriptorScorer

from molq.errors import InputError
from molq.records.layout import Layout
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.table import OutputTable
from molq.screening.ray_data import PoolJob, ScoredBatches, scored_dataset
from molq.screening.settings import Manner, Settings
from molq.screening.workers.job import Job, ModelSource


class FakeDataset:
    """Of this schema, and nothing else."""

    def __init__(self, schema):
        self._schema = schema

    def schema(self):
        return self._schema


@pytest.mark.parametrize(
    ("schema", "column", "message"),
    [
        (None, None, "the dataset is empty"),
        (pa.schema({"a": pa.string(), "b": pa.int64()}), None, "has columns 'a', 'b', and none is called SMILES"),
        (pa.schema({"smiles": pa.int64()}), None, "column 'smiles' of the dataset holds int64, not text"),
        (
            pa.schema({"smiles": pa.string()}),
            "mol",
            "no column 'mol' among 'smiles'; `smiles_column` takes one of them",
        ),
        (pa.schema({"smiles": pa.string(), "rejected": pa.string()}), None, "has a column 'rejected' already"),
    ],
)
def test_what_holds_no_molecules_is_refused(schema, column, message):
    with pytest.raises(InputError, match=message):
        scored_dataset(FakeDataset(schema), (), Settings(smiles_column=column), Manner(engine="ray"))


@pytest.fixture
def batches(monkeypatch):
    """What an actor does, in this process and without a Ray, with a scorer of poison."""
    if ray_cluster.MISSING:
        pytest.skip(ray_cluster.MISSING)
    monkeypatch.setattr("ray.get", lambda held: held)
    job = Job(
        models=(ModelSource("model", b""),),
        output=ParquetFile("", OutputTable(has_id=False)),
        layouts=(Layout("the dataset", "table", has_id=False),),
        max_atoms=1000,
        audit_rate=0.0,
        loader="fake_scorers:load_poison",
    )
    made = ScoredBatches(PoolJob(job, DescriptorScorer.columns, 10.0), "mol")
    yield made
    if made._processes is not None:
        made._processes.stop()


def test_rows_keep_what_they_hold_and_poison_costs_its_row(batches, smiles):
    molecules = [*smiles[:600], "[U]", "C(", *smiles[600:700]]
    table = pa.table({"n": range(702), "mol": pa.chunked_array([molecules[:30], molecules[30:]], pa.large_string())})
    found = batches(table)
    assert found.column_names == ["n", "mol", "first", "second", "rejected"]
    assert found.select(["n", "mol"]).equals(table)
    reasons = found["rejected"].to_pylist()
    assert reasons[600:602] == ["a worker was killed by SIGSEGV on this molecule", reasons[601]]
    assert [n for n, reason in enumerate(reasons) if reason is not None] == [600, 601]
    assert found["first"].null_count == found["second"].null_count == 2


def test_no_rows_have_the_same_columns(batches):
    found = batches(pa.table({"mol": pa.array([], pa.string())}))
    assert found.schema.names == ["mol", "first", "second", "rejected"]
    assert found.schema.field("first").type == pa.float32()
