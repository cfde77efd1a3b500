from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from molq.report.figures.curves import Pairs, Ranking, Rankings, enrichment_curve, parity, roc_curve
from molq.results.curves import FoundCurve, Predicted

FOUND = FoundCurve("task <1>", (0, 0, 2, 6), (0, 3, 4, 4))


def lines(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r'points="([^"]+)"', svg)
    ]


def texts(svg: str) -> set[str]:
    return {"".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag == "text"}


def shares(svg: str) -> np.ndarray:
    """The curve that is drawn last, on top, as shares of the axes; the chance line before it spans them."""
    drawn = lines(svg)
    (x0, y0), (x1, y1) = next(line for line in drawn if len(line) == 2)
    return np.array([((x - x0) / (x1 - x0), (y - y0) / (y1 - y0)) for x, y in drawn[-1]])


def test_the_curves_run_through_the_corners():
    one = Rankings(Ranking("fp32", FOUND))
    assert shares(roc_curve(one)) == pytest.approx(np.array([(0, 0), (0, 0.75), (1 / 3, 1), (1, 1)]), abs=2e-3)
    assert shares(enrichment_curve(one)) == pytest.approx(np.array([(0, 0), (0.3, 0.75), (0.6, 1), (1, 1)]), abs=2e-3)


def test_the_best_there_can_be_finds_all_actives_first():
    best = lines(enrichment_curve(Rankings(Ranking("fp32", FOUND))))[0]
    left, right, middle = best[0][0], best[2][0], best[1][0]
    assert (middle - left) / (right - left) == pytest.approx(0.4, abs=2e-3)


def test_models_are_named_and_told_apart():
    svg = roc_curve(Rankings(Ranking("fp32, AUC 0.8", FOUND), Ranking("int8", FOUND), [Ranking("fp16", FOUND)] * 3))
    assert {"fp32, AUC 0.8", "int8", "the other schemes", "chance", "inactives picked with them"} <= texts(svg)
    assert len(lines(svg)) == 6
    assert 'aria-label="ROC curve of task &lt;1&gt;"' in svg
    assert "4 actives, 6 inactives" in svg


def test_parity_draws_every_pair_on_equal_axes():
    fp32, int8 = Predicted("logS", (-3.0, 1.0), (-2.5, 0.5), 2), Predicted("logS", (-3.0, 1.0), (-2.4, 0.5), 2)
    svg = parity(Pairs("fp32", fp32), Pairs("int8", int8))
    assert svg.count("<circle") == 4 + 2
    assert {"measured", "predicted", "fp32", "int8", "−3", "1"} <= texts(svg)
    assert len(lines(svg)[0]) == 2
    assert "<circle" in parity(Pairs("fp32", Predicted("a", (1.0,), (1.0,), 1)), None)
