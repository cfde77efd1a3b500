from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from molq.errors import InputError
from molq.results.plain import plain
from molq.results.study import read_study

DEMO = Path(__file__).parents[2] / "docs" / "demo-results.json"


@pytest.fixture(scope="module")
def demo() -> dict:
    """The results of the demo, as an earlier molq wrote them, without layers and rows."""
    return json.loads(DEMO.read_text())


def test_results_that_were_written_before_come_back_with_every_key_in_its_place(demo):
    again = plain(read_study(DEMO.read_bytes(), "demo"))
    again["split"].pop("test_rows")
    for variant in again["variants"]:
        assert variant.pop("layers") == []
    assert json.dumps(again) == json.dumps(demo)


def test_the_reference_is_told_from_what_is_compared_with_it(demo):
    study = read_study(DEMO.read_bytes(), "demo")
    assert study.variants[0].accuracy.differences == {}
    int8 = next(v for v in study.variants if v.scheme == "int8")
    assert int8.accuracy.differences["roc_auc"].n == study.split.n_labelled
    assert int8.accuracy.metrics["roc_auc"].level == study.statistics.level


def test_a_configuration_may_hold_a_recipe_and_settings(demo):
    results = copy.deepcopy(demo)
    results["model"]["config"] |= {
        "recipe": {"hydrogens": "explicit", "ignore_stereo": True, "molecule_features": ["rdkit_2d"]},
        "activation_settings": {"negative_slope": 0.2},
    }
    assert read_study(json.dumps(results), "there").model.config == results["model"]["config"]


def _without_statistics(results: dict) -> None:
    results.pop("statistics")


def _without_a_metric(results: dict) -> None:
    results["variants"][1].pop("pr_auc_low")


def _with_a_size_in_words(results: dict) -> None:
    results["variants"][1]["size_bytes"] = "large"


def _with_a_stranger(results: dict) -> None:
    results["variants"][1]["colour"] = "red"


def _without_variants(results: dict) -> None:
    results["variants"] = [{}]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_without_statistics, "statistics"),
        (_without_a_metric, "pr_auc_low"),
        (_with_a_size_in_words, "size_bytes"),
        (_with_a_stranger, "colour"),
        (_without_variants, "per_task"),
    ],
)
def test_what_is_no_study_is_refused_with_the_place(demo, spoil, told):
    results = copy.deepcopy(demo)
    spoil(results)
    with pytest.raises(InputError, match=f"there.*{told}"):
        read_study(json.dumps(results), "there")


def test_what_is_no_json_is_refused():
    with pytest.raises(InputError, match="there"):
        read_study("{", "there")
    with pytest.raises(InputError, match="there"):
        read_study("[]", "there")
