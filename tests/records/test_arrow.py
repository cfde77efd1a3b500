from __future__ import annotations

import pyarrow as pa
import pytest

from molq.records.arrow import arrow_bytes, batch_of


def test_a_batch_comes_back_with_its_types_nulls_and_names() -> None:
    columns = {
        "smiles": pa.array(["CCO", None, "µ", ""]),
        "score": pa.array([0.5, None, float("-inf"), 1e-40], pa.float32()),
        "row": pa.array([0, 2**63 - 1, -1, None]),
        "tags": pa.array([["a"], [], None, ["b", "c"]]),
    }
    batch = pa.record_batch(columns)
    assert batch_of(arrow_bytes(batch)).equals(batch, check_metadata=True)


def test_a_slice_is_sent_without_the_rest() -> None:
    batch = pa.record_batch({"x": pa.array(range(100_000))})
    part = batch.slice(50_000, 3)
    sent = arrow_bytes(part)
    assert batch_of(sent).column(0).to_pylist() == [50_000, 50_001, 50_002]
    assert len(sent) < 2_000


def test_no_rows_keep_their_columns() -> None:
    empty = pa.record_batch({"x": pa.array([], pa.int8())})
    assert batch_of(arrow_bytes(empty)).schema == empty.schema


def test_what_was_cut_is_no_batch() -> None:
    sent = arrow_bytes(pa.record_batch({"x": pa.array(range(1000))}))
    with pytest.raises((pa.ArrowInvalid, OSError)):
        batch_of(sent[: len(sent) // 2])
