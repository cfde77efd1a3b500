"""Inside, at the edge of, or outside what a model was trained on.

The bounds were stated before anything was measured, and those chosen on three sets told no more of five others:
docs/applicability.md, which says how often scores are wrong in each.
"""

from __future__ import annotations

from molq.results.hits import Applicability

INSIDE_SIMILARITY, OUTSIDE_SIMILARITY = 0.5, 0.3
INSIDE_UNSEEN, OUTSIDE_UNSEEN = 0.2, 0.5


def verdict_of(similarity: float, unseen_environments: float) -> Applicability:
    """The verdict on a molecule by its similarity to the nearest of the training set and its share of unseen atoms."""
    if similarity >= INSIDE_SIMILARITY and unseen_environments <= INSIDE_UNSEEN:
        return "inside"
    if similarity < OUTSIDE_SIMILARITY or unseen_environments > OUTSIDE_UNSEEN:
        return "outside"
    return "edge"
