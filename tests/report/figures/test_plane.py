from __future__ import annotations

from xml.etree import ElementTree

import pytest

from molq.report.figures.plane import HEIGHT, WIDTH, Axis, Key, Plane
from molq.report.numbers import short

PLANE = Plane(Axis("a < b", 0, 10, (0, 5, 10), short), Axis("up", -1, 1, (-1, 0, 1), short))


def test_places_grow_to_the_right_and_upwards_inside_the_figure():
    assert 0 < PLANE.x(0) < PLANE.x(5) < PLANE.x(10) < WIDTH
    assert HEIGHT > PLANE.y(-1) > PLANE.y(0) > PLANE.y(1) > 0
    assert PLANE.x(5) == pytest.approx((PLANE.x(0) + PLANE.x(10)) / 2)


def test_what_is_drawn_is_labelled_and_escaped():
    body = [PLANE.line([(0, 0), (10, 1)], "stroke: red"), PLANE.dots([(5, 0)], "fill: blue")]
    found = PLANE.svg("A <title>", "text & more", body, [Key("<key>", "stroke: red"), Key("dot", "fill: blue", True)])
    tree = ElementTree.fromstring(found)
    texts = ["".join(node.itertext()) for node in tree.iter() if node.tag == "text"]
    assert {"a < b", "up", "0", "5", "10", "−1", "<key>", "dot"} <= set(texts)
    assert tree.attrib["aria-label"] == "A <title>"
    assert found.count("<polyline") == 1
    assert "#" not in found
