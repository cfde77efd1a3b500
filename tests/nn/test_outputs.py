from __future__ import annotations

import pytest
from heads import HEADS, TASKS

from molq.errors import InputError
from molq.nn.outputs import UNCERTAINTIES, Outputs


@pytest.mark.parametrize("head", HEADS)
def test_every_task_has_a_prediction_and_as_many_columns_as_the_form_says(head):
    columns = head.columns(TASKS)
    assert len(columns) == len(TASKS) * len(head.form.parts) == len(TASKS) * len(head.form.roots)
    for task in TASKS:
        assert any(column.is_prediction for column in columns if column.task == task)


def test_a_class_has_a_logit_and_a_column():
    assert [c.name for c in Outputs("multiclass", None, 3).columns(("cls",))] == ["cls_0", "cls_1", "cls_2"]
    assert Outputs("multiclass", "dirichlet", 5).form.n_logits == 5


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (("classification", "mve"), "uncertainty must be one of dirichlet for classification, not 'mve'"),
        (("regression", "dirichlet"), "one of mve, evidential, quantile for regression"),
        (("multiclass",), "n_classes"),
        (("regression", None, 3), "n_classes"),
        (("multiclass", None, 1), "between 2 and 1,000, not 1"),
        (("multiclass", None, 10**9), "between 2 and 1,000"),
    ],
)
def test_what_makes_no_sense_is_refused(stated, words):
    with pytest.raises(InputError, match=words):
        Outputs(*stated)


def test_each_kind_of_uncertainty_is_told_by_its_columns():
    forms = [form.parts for kind in UNCERTAINTIES.values() for form in kind.values()]
    assert len(set(forms)) == len(forms)
