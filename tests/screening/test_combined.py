from __future__ import annotations

import numpy as np
import pytest
from fake_scorers import DescriptorScorer
from sample_rows import rows_of

from molq.chem.featurize import featurize
from molq.chem.recipe import Recipe
from molq.columns import columns_of, tasks_of
from molq.errors import InputError
from molq.screening.combined import SideBySide, combined
from molq.screening.score_rows import score_rows


class Other(DescriptorScorer):
    columns = columns_of(("third", "fourth"))

    def scores(self, graphs):
        return super().scores(graphs) + np.float32(1)


def test_tasks_stand_side_by_side_in_the_order_of_the_models():
    graphs = featurize(["CCO", "c1ccccc1"]).graphs
    both = combined([DescriptorScorer(), Other()])
    assert tasks_of(both.columns) == ("first", "second", "third", "fourth")
    own = DescriptorScorer().scores(graphs)
    np.testing.assert_array_equal(both.scores(graphs), np.hstack([own, own + np.float32(1)]))


def test_models_of_two_recipes_read_the_rows_each_by_itself():
    other = Other()
    other.recipe = Recipe(hydrogens="explicit")
    both = combined([DescriptorScorer(), other])
    assert isinstance(both, SideBySide)
    rows = rows_of(["CCO", "C(", "c1ccccc1", "C"])
    found = score_rows(rows, both, 1000)
    assert found.kept.tolist() == [0, 2, 3]
    assert list(found.rejected) == [1]
    assert found.columns == both.columns == (*DescriptorScorer().columns, *other.columns)
    first, second = (score_rows(rows, scorer, 1000).scores for scorer in (DescriptorScorer(), other))
    np.testing.assert_array_equal(found.scores, np.hstack([first, second]))
    assert not np.array_equal(second, first + np.float32(1))


def test_a_row_that_one_rejects_is_rejected():
    class Heavy(DescriptorScorer):
        columns = Other.columns
        recipe = Recipe(ignore_stereo=True)

        def scores(self, graphs):
            found = super().scores(graphs)
            found[np.diff(graphs.atom_ptr) > 5, 0] = np.nan
            return found

    found = score_rows(rows_of(["CCO", "c1ccccc1", "C"]), combined([DescriptorScorer(), Heavy()]), 1000)
    assert found.kept.tolist() == [0, 2]
    assert found.scores.shape == (2, 4)
    assert "no number" in found.rejected[1]


def test_one_model_stays_as_it_is():
    scorer = DescriptorScorer()
    assert combined([scorer]) is scorer


def test_a_task_of_two_models_is_ambiguous():
    with pytest.raises(InputError, match="two models have a task 'first'"):
        combined([DescriptorScorer(), DescriptorScorer()])
