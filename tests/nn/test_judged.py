from __future__ import annotations

import numpy as np
import pytest
from heads import HEADS, TASKS, head_of

from molq.errors import InputError
from molq.nn.judged import judge
from molq.nn.outputs import Outputs

NAN = np.nan


@pytest.mark.parametrize("head", HEADS)
def test_predictions_and_labels_stand_side_by_side(head):
    network = head_of(head)
    judged_by = judge(network)
    scores = np.arange(6 * len(network.columns), dtype=np.float32).reshape(6, -1)
    found = judged_by.scores(scores)
    labels = judged_by.labels(np.array([[0, 1], [1, NAN], [NAN, 0]], np.float32))
    assert found.values.shape == (6, len(judged_by.names)) == (6, labels.shape[1])
    assert set(judged_by.names) <= {column.name for column in network.columns}
    assert (found.spreads is None) == (head.uncertainty not in ("mve", "evidential", "quantile"))
    if found.spreads is not None:
        assert found.pairs.shape == (6, 2, 2)


def test_tasks_come_in_the_order_asked_for():
    judged_by = judge(head_of(Outputs("regression", "mve")), ["b c", "logS"])
    assert judged_by.names == ("b c", "logS")
    found = judged_by.scores(np.array([[1, 2, 3, 4]], np.float32))
    assert (found.values.tolist(), found.spreads.tolist()) == ([[3, 1]], [[4, 2]])


def test_the_spread_of_quantiles_is_half_the_way_between_them():
    found = judge(head_of(Outputs("regression", "quantile"))).scores(np.array([[5, 3, 7, 1, 0, 2]], np.float32))
    assert (found.values.tolist(), found.spreads.tolist(), found.stated) == ([[5, 1]], [[2, 1]], "interval")


def test_each_class_is_told_from_the_others():
    judged_by = judge(head_of(Outputs("multiclass", "dirichlet", 3)), TASKS[:1])
    assert (judged_by.kind, judged_by.names) == ("classification", ("logS_0", "logS_1", "logS_2"))
    expected = [[0, 0, 1], [1, 0, 0], [NAN, NAN, NAN]]
    np.testing.assert_array_equal(judged_by.labels(np.array([[2], [0], [NAN]], np.float32)), expected)
    with pytest.raises(InputError, match="'logS' has a label 3, and the model tells 3 classes apart, 0 to 2"):
        judged_by.labels(np.array([[3]], np.float32))
