from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from molq.errors import InputError
from molq.metrics.curves import found_down_the_list
from molq.metrics.ranking import top_membership


@pytest.fixture(params=range(4))
def ranked(request) -> tuple[np.ndarray, np.ndarray]:
    """Labels with gaps and scores, more and more of them tied."""
    rng = np.random.default_rng(request.param)
    labels = (rng.random(200) < 0.3).astype(float)
    labels[:5] = np.nan
    return labels, np.round(rng.random(200) + 0.2 * (labels == 1), 4 - request.param)


def test_the_corners_are_those_of_scikit_learns_roc_curve(ranked):
    labels, scores = ranked
    known = ~np.isnan(labels)
    inactives, actives = found_down_the_list(labels, scores)
    fpr, tpr, _ = roc_curve(labels[known], scores[known])
    assert np.allclose(np.interp(fpr, inactives / inactives[-1], actives / actives[-1])[np.diff(fpr, append=2) > 0],
                       tpr[np.diff(fpr, append=2) > 0])  # fmt: skip
    points = set(zip(np.round(fpr, 12), np.round(tpr, 12), strict=True))
    mine = zip(np.round(inactives / inactives[-1], 12), np.round(actives / actives[-1], 12), strict=True)
    assert set(mine) <= points
    area = float(np.trapezoid(tpr, fpr))
    assert np.trapezoid(actives, inactives) / actives[-1] / inactives[-1] == pytest.approx(area)


def test_the_actives_among_the_best_are_the_mean_over_the_orders_of_tied_rows(ranked):
    labels, scores = ranked
    known = ~np.isnan(labels)
    inactives, actives = found_down_the_list(labels, scores)
    for n_top in (1, 7, 50, 195):
        expected = labels[known] @ top_membership(scores[known], n_top)
        assert np.interp(n_top, inactives + actives, actives) == pytest.approx(expected)


def test_no_corner_lies_on_the_line_between_its_neighbours(ranked):
    inactives, actives = found_down_the_list(*ranked)
    a, b = np.diff(inactives), np.diff(actives)
    assert (a[1:] * b[:-1] != a[:-1] * b[1:]).all()
    assert (inactives[0], actives[0]) == (0, 0)


def test_one_class_has_no_curve():
    assert [len(side) for side in found_down_the_list([1, 1, np.nan], [0.1, 0.2, 0.3])] == [0, 0]
    assert [len(side) for side in found_down_the_list([], [])] == [0, 0]
    with pytest.raises(InputError, match="neither 0 nor 1"):
        found_down_the_list([1, 2], [0.1, 0.2])
