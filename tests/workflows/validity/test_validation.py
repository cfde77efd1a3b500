import json

import numpy as np
import pytest
from heard import Heard

from molq.calibset.reference import describe, draw_null
from molq.calibset.statistics import STATISTICS
from molq.calibset.validate import assess, checked, claim
from molq.data.labels import load_dataset
from molq.errors import InputError
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme
from molq.results.validation import Validation
from molq.serial import from_json, to_json
from molq.workflows.validity.validation import ModelAspect, require_float, validate_with_model

SIZE = 50


@pytest.fixture(scope="module")
def library():
    return load_dataset("bace").smiles[::3]


@pytest.fixture(scope="module")
def reference(library):
    return describe(library)


@pytest.fixture(scope="module")
def aspect(model, reference):
    return ModelAspect(model, reference)


@pytest.fixture(scope="module")
def judged(reference, aspect):
    """A function that judges sets of SIZE molecules."""
    null = draw_null(reference, SIZE, 140, aspect=aspect)
    return lambda smiles: assess(checked(smiles), reference, null, claim(smiles, library_name="bace"), aspect)


def test_a_draw_and_the_set_of_its_molecules_are_measured_alike(reference, aspect):
    index = np.random.default_rng(1).choice(len(reference.population), SIZE, replace=False)
    as_draw, as_set = aspect.of_draw(index), aspect.of_set(reference.population.subset(index))
    for statistic, one, other in zip(aspect.statistics, as_draw, as_set, strict=True):
        assert statistic.comparable(np.array([one])) == pytest.approx(
            statistic.comparable(np.array([other])), abs=statistic.least_deviation
        ), statistic.name


def test_random_draws_are_representative(judged, library):
    rng = np.random.default_rng(7)
    verdicts = [judged([library[i] for i in rng.choice(len(library), SIZE, replace=False)]).verdict for _ in range(3)]
    assert verdicts.count("representative") >= 2


def test_alkanes_are_refused_for_their_activations_and_scores_too(judged):
    found = judged(["C" * n for n in range(2, 2 + SIZE)])
    assert found.verdict == "not representative"
    groups = {m.group: max(x.z for x in found.measures if x.group == m.group) for m in found.measures}
    assert set(groups) == {"chemistry", "activations", "outcome"}
    assert min(groups.values()) > 3
    advice = {reason.statistic.partition("@")[0]: reason for reason in found.reasons}
    assert "--strategy activation --model" in (advice.get("beyond_range") or advice["quantile_ratio"]).remedy


def test_a_fault_at_many_sites_is_one_reason(judged):
    reasons = judged(["C" * n for n in range(2, 2 + SIZE)]).reasons
    kinds = [reason.statistic.partition("@")[0] for reason in reasons]
    assert len(kinds) == len(set(kinds))
    several = [reason for reason in reasons if reason.also]
    assert several
    assert all(reason.also[0].partition("@")[2] in reason.finding for reason in several)


def test_everything_is_in_json_beside_its_null(model, library):
    heard = Heard()
    found = validate_with_model(library[:SIZE], library[: 4 * SIZE], model, n_draws=8, progress=heard)
    plain = json.loads(to_json(found))
    assert from_json(to_json(found), Validation, "here") == found
    assert heard.stages == ["library", "activations", "random draws"]
    assert (plain["model"]["library_gathered"], plain["model"]["members"]) == (4 * SIZE, 1)
    n_sites = len(plain["model"]["sites"])
    assert len(plain["measures"]) == len(STATISTICS) + 4 * n_sites + 4
    assert all(m["null_min"] <= m["null_median"] <= m["null_max"] for m in plain["measures"])


def test_a_quantized_model_is_refused(model):
    with pytest.raises(InputError, match="name the fp32 model"):
        require_float(model._replace(network=quantize(model.network, get_scheme("int8-dynamic"))))
