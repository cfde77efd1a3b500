"""Groups: pieces that partners see alike and that add alike beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_spaces import sheets_of
from variety import VARIETY, network

from molq.spaces.additive import Additive
from molq.spaces.scanning import grouping
from molq.spaces.scanning.grouping import Grouping
from molq.spaces.terms import SheetTerms
from molq.spaces.views import UNSEEN


@pytest.fixture(params=["stereo", "quinolines", "amides", "long"])
def terms(request: pytest.FixtureRequest, tmp_path: Path) -> SheetTerms:
    return SheetTerms(sheets_of(tmp_path, request.param)[0], Additive(network(VARIETY[0])))


def test_of_all_reaches_that_with_the_least_to_add_up_is_taken(terms: SheetTerms) -> None:
    found = Grouping.of(terms)
    radius = terms.views[0].radius
    for reach in range(UNSEEN, radius):
        other = grouping._with(terms, [reach] * len(terms.views))
        assert grouping._additions(terms, found) <= grouping._additions(terms, other)


@pytest.mark.parametrize("reach", [UNSEEN, 0, 1])
def test_terms_depend_on_groups_alone(terms: SheetTerms, reach: int) -> None:
    """Those of plain sights on the piece and the classes beside it, those of far ones on groups."""
    found = grouping._with(terms, [reach] * len(terms.views))
    for position, view in enumerate(terms.views):
        for own, classes in zip(found.groups, found.classes, strict=True):
            pairs = {(a, b) for a, b in zip(own.tolist(), classes.tolist(), strict=True)}
            assert len(pairs) == len(np.unique(own))
        for at in terms.meeting(position):
            sight = view.sights[at]
            is_far = at in found.far[position]
            if is_far:
                assert is_told(found.groups[position], sight.own)
            for other in terms.seen(sight):
                beside = (found.groups if is_far else found.classes)[other]
                assert is_told(beside, terms.views[other].near(sight.reach))


def is_told(by, numbers) -> bool:
    return len(np.unique(np.stack([by, numbers]), axis=1)[0]) == len(np.unique(by))
