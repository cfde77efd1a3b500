import json

import numpy as np
import pytest
from heard import Heard

from molq.calibset.build import build
from molq.calibset.population import populate
from molq.calibset.reference import describe, draw_null, draw_size
from molq.calibset.spec import CalibrationSpec, smiles_sha256
from molq.calibset.statistics import STATISTICS
from molq.calibset.validate import assess, claim, shown, validate
from molq.calibset.verdict import judge
from molq.errors import InputError
from molq.results.plain import plain
from molq.results.validation import Validation
from molq.serial import from_builtins, to_json


def _assess(smiles, reference, null):
    return assess(populate(smiles), reference, null, claim(smiles))


def test_a_scaffold_matched_set_is_representative(large_library, reference, null):
    chosen = build(large_library, CalibrationSpec("scaffold", 60)).smiles
    found = _assess(chosen, reference, null)
    assert found.verdict == "representative"
    assert found.reasons == ()


def test_random_draws_are_rarely_refused(reference, null):
    rng = np.random.default_rng(1)
    library = reference.compared.library
    draws = [library.take(rng.choice(len(library), 60, replace=False)) for _ in range(40)]
    verdicts = [judge(reference.compared.statistics(draw), null).verdict for draw in draws]
    assert sum(verdict != "representative" for verdict in verdicts) <= 4


@pytest.mark.parametrize(
    ("kept", "statistic"),
    [
        (lambda s: "nc1" in s, "scaffold_coverage"),
        (lambda s: not any(x in s for x in ("Br", "Cl", "F")), "element_coverage"),
        (lambda s: "S" not in s and "N" not in s, "mmd_tanimoto"),
    ],
)
def test_one_sided_sets_are_refused_and_the_reason_named(large_library, reference, null, kept, statistic):
    pool = [s for s in large_library if kept(s)]
    found = _assess([pool[i] for i in np.random.default_rng(0).choice(len(pool), 60, replace=False)], reference, null)
    assert found.verdict == "not representative"
    assert statistic in [reason.statistic for reason in found.reasons]
    z = {measure.name: measure.z for measure in found.measures}
    scores = [z[reason.statistic] for reason in found.reasons]
    assert scores == sorted(scores, reverse=True)
    assert all(reason.finding and reason.remedy for reason in found.reasons)


def test_the_result_is_complete_and_comes_back_from_json(large_library, reference, null):
    found = json.loads(to_json(plain(_assess([*large_library[:60], "bad("], reference, null))))
    assert from_builtins(found, Validation, "here") == _assess([*large_library[:60], "bad("], reference, null)
    assert "model" not in found
    assert [measure["name"] for measure in found["measures"]] == [statistic.name for statistic in STATISTICS]
    assert (found["set_molecules"], found["set_rejected"]) == (61, 1)
    for measure in found["measures"]:
        assert measure["null_min"] <= measure["null_low"] <= measure["null_median"] <= measure["null_high"]
        assert 0 < measure["p_value"] <= 1
        is_distance = measure["name"].startswith(("wasserstein", "mmd"))
        assert (measure["permutation_p"] is not None) == is_distance
    for histogram in found["histograms"]:
        assert len(histogram["edges"]) == len(histogram["library"]) + 1
        assert sum(histogram["library"]) == pytest.approx(1)
        assert sum(histogram["chosen"]) == pytest.approx(1)


def test_bins_of_counts_have_whole_numbers_in_their_middle(library):
    reference = describe([*library, "C"])
    found = _assess(library[:20], reference, draw_null(reference, 20, 5))
    edges = {histogram.property: np.array(histogram.edges) for histogram in found.histograms}
    for name in ("heavy_atoms", "rings"):
        np.testing.assert_array_equal(edges[name] % 1, 0.5, name)


def test_validate_is_seeded(library):
    first, second = (validate(library[::3], library, n_draws=5, seed=2) for _ in range(2))
    assert first == second
    assert first.library_used == len(library)


def test_random_sets_of_nearly_all_the_library_are_representative(large_library, reference):
    rng = np.random.default_rng(0)
    sets = [[large_library[i] for i in rng.permutation(len(large_library))[:-14]] for _ in range(5)]
    null = draw_null(reference, draw_size(reference, populate(sets[0])), 100)
    assert [_assess(chosen, reference, null).verdict for chosen in sets].count("representative") >= 4


def test_a_set_that_leaves_nothing_of_the_library_is_refused(library):
    with pytest.raises(InputError, match="leaves 4 of the 84 library molecules"):
        validate(library[:80], library, n_draws=200)


def test_sets_too_small_to_judge_are_refused(library):
    with pytest.raises(InputError, match="needs 10 or more"):
        validate(library[:9], library)


def test_values_are_shown_as_people_read_them():
    values = [(0.98765, "%"), (1e-7, "%"), (0.0, "%"), (46.31, "dB"), (1000.0, ""), (0.000123, "")]
    assert [shown(*v) for v in values] == ["98.8%", "<0.001%", "0%", "46.3 dB", "1,000", "0.000123"]


def test_a_verdict_says_what_it_is_about_and_its_commands_work_as_printed(library):
    heard = Heard()
    names = {"calibset_name": "mine.csv", "library_name": "my library.csv"}
    found = validate([s for s in library if "c1" not in s], library, n_draws=200, progress=heard, **names)
    assert (found.calibset, found.library) == ("mine.csv", "my library.csv")
    assert found.sha256 == smiles_sha256([s for s in library if "c1" not in s])
    assert "`molq calibset build 'my library.csv' --strategy" in found.reasons[0].remedy
    assert heard.stages == ["library", "random draws"]
    assert heard.steps["random draws"][-1] == (200, 200)
