from __future__ import annotations

import numpy as np
import pytest
from fake_scorers import DescriptorScorer

from molq.chem.featurize import featurize
from molq.chem.recipe import Recipe
from molq.columns import columns_of, tasks_of
from molq.errors import InputError
from molq.screening.workers.combined import combined


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


def test_models_of_two_recipes_take_no_graphs_in_common():
    other = Other()
    other.recipe = Recipe(hydrogens="explicit")
    with pytest.raises(InputError, match=r"other graphs of a molecule \(plain graphs; explicit hydrogens\)"):
        combined([DescriptorScorer(), other])


def test_one_model_stays_as_it_is():
    scorer = DescriptorScorer()
    assert combined([scorer]) is scorer


def test_a_task_of_two_models_is_ambiguous():
    with pytest.raises(InputError, match="two models have a task 'first'"):
        combined([DescriptorScorer(), DescriptorScorer()])
