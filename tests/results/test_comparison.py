from __future__ import annotations

from molq.metrics.significance import Difference, Interval
from molq.results.accuracy import Accuracy, Agreement
from molq.results.comparison import ComparedModel
from molq.results.plain import plain


def test_a_model_is_one_row_of_what_it_is_and_what_it_scores() -> None:
    accuracy = Accuracy(
        {"roc_auc": Interval(0.8, 0.7, 0.9, 50, 0.95)},
        {"roc_auc": Difference(-0.01, -0.02, 0.0, 50, 0.95)},
        "non-inferior",
    )
    agreement = Agreement(1.0, None, 0.99, 0.02)
    model = ComparedModel("m.molq", "int8", 1234, accuracy, agreement, {"a": {"roc_auc": None}})
    assert plain(model) == {
        "path": "m.molq",
        "scheme": "int8",
        "size_bytes": 1234,
        **plain(accuracy),
        "hit_overlap_1pct": 1.0,
        "hit_overlap_5pct": None,
        "spearman": 0.99,
        "max_score_change": 0.02,
        "per_task": {"a": {"roc_auc": None}},
    }
    assert not set(plain(accuracy)) & {"path", "scheme", "size_bytes", "per_task"}
