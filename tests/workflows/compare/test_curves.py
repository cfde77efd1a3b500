from __future__ import annotations

import numpy as np

from molq.workflows.compare import curves
from molq.workflows.compare.curves import found_curves, predicted

LABELS = np.array([[1, 1], [0, 1], [1, np.nan], [0, 1]], np.float32)
SCORES = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.3], [0.1, 0.4]], np.float32)


def test_a_task_of_one_class_has_no_curve():
    (found,) = found_curves(("a", "b"), LABELS, SCORES)
    assert (found.task, found.inactives, found.actives) == ("a", (0, 0, 1, 2), (0, 1, 2, 2))


def test_a_long_curve_keeps_its_ends_and_points_of_its_own(monkeypatch):
    rng = np.random.default_rng(0)
    labels, scores = (rng.random((500, 1)) < 0.5).astype(np.float32), rng.random((500, 1)).astype(np.float32)
    (whole,) = found_curves(("a",), labels, scores)
    monkeypatch.setattr(curves, "MOST_CORNERS", 20)
    (found,) = found_curves(("a",), labels, scores)
    assert len(found.actives) == 20
    points = list(zip(whole.inactives, whole.actives, strict=True))
    kept = list(zip(found.inactives, found.actives, strict=True))
    assert set(kept) <= set(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])


def test_predictions_are_paired_with_labels_where_both_are_numbers():
    labels = np.array([[1.5], [np.nan], [2.5], [3.0]], np.float32)
    scores = np.array([[1.0], [2.0], [3.0], [np.inf]], np.float32)
    (found,) = predicted(("y",), labels, scores, seed=0)
    assert (found.measured, found.predicted, found.of) == ((1.5, 2.5), (1.0, 3.0), 2)


def test_of_many_predictions_as_many_are_drawn_for_every_model_alike(monkeypatch):
    monkeypatch.setattr(curves, "MOST_POINTS", 5)
    labels = np.arange(50, dtype=np.float32)[:, None]
    first, second = (predicted(("y",), labels, labels + shift, seed=3)[0] for shift in (0, 1))
    assert (len(first.measured), first.of) == (5, 50)
    assert first.measured == second.measured
    assert [p - m for p, m in zip(second.predicted, second.measured, strict=True)] == [1.0] * 5
