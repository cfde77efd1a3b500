from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sample_rows import rows_of

from molq.columns import columns_of
from molq.screening.output.table import OutputTable, Selection

COLUMNS = columns_of(("first", "second"))


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (OutputTable(True), "smiles id first second rejected"),
        (OutputTable(False, ("price",)), "smiles price first second rejected"),
        (OutputTable(True, ("price",), Selection(top=3)), "row smiles id price first second"),
        (OutputTable(False, (), Selection(threshold=0.5)), "row smiles first second"),
    ],
)
def test_names(table, names):
    assert table.names(COLUMNS) == names.split()


def test_a_kept_column_never_hides_another():
    table = OutputTable(True, ("smiles", "first", "rejected", "row", "id", "price"))
    names = table.names(COLUMNS)
    assert names[2:8] == ["input_smiles", "input_first", "input_rejected", "input_row", "input_id", "price"]
    assert len(set(names)) == len(names)


def test_schema_has_a_type_for_every_column():
    schema = OutputTable(True, ("price",), Selection(top=3)).schema(COLUMNS)
    assert schema.names == ["row", "smiles", "id", "price", "first", "second"]
    assert schema.types == [pa.int64(), pa.string(), pa.string(), pa.string(), pa.float32(), pa.float32()]


def test_texts_are_the_columns_that_the_names_announce():
    rows = rows_of(["C", "CC"], ["a", "b"], [["1", "2"]])
    assert OutputTable(True, ("price",)).texts(rows) == [["C", "CC"], ["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(("lowest", "expected"), [(False, [False, True, True]), (True, [True, True, False])])
def test_a_row_reaches_the_threshold_by_any_task_and_by_equality(lowest, expected):
    scores = np.array([[0.1, 0.2], [0.1, 0.6], [0.7, 0.7]], np.float32)
    assert Selection(threshold=0.6, lowest=lowest).reached(scores).tolist() == expected
