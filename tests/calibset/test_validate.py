import json
from types import SimpleNamespace

import numpy as np
import pytest
from heard import Heard

from molq.calibset.build import build
from molq.calibset.population import populate
from molq.calibset.reference import describe, draw_null, draw_size
from molq.calibset.spec import CalibrationSpec, smiles_sha256
from molq.calibset.statistics import STATISTICS
from molq.calibset.validate import _histogram, assess, claim, validate
from molq.calibset.verdict import judge
from molq.chem.properties import PROPERTIES
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
    sets = [[large_library[i] for i in rng.permutation(len(large_library))[:-40]] for _ in range(5)]
    null = draw_null(reference, draw_size(reference, populate(sets[0])), 100)
    assert [_assess(chosen, reference, null).verdict for chosen in sets].count("representative") >= 4


def test_a_set_that_leaves_nothing_of_the_library_is_refused(library):
    with pytest.raises(InputError, match="leaves 4 of the 84 library molecules"):
        validate(library[:80], library, n_draws=200)


def test_sets_too_small_to_judge_are_refused(library):
    with pytest.raises(InputError, match="needs 10 or more"):
        validate(library[:9], library)


def test_a_verdict_says_what_it_is_about_and_its_commands_work_as_printed(library):
    heard = Heard()
    names = {"calibset_name": "mine.csv", "library_name": "my library.csv"}
    found = validate([s for s in library if "c1" not in s], library, n_draws=200, progress=heard, **names)
    assert (found.calibset, found.library) == ("mine.csv", "my library.csv")
    assert found.sha256 == smiles_sha256([s for s in library if "c1" not in s])
    assert "`molq calibset build 'my library.csv' --strategy" in found.reasons[0].remedy
    assert heard.stages == ["library", "random draws"]
    assert heard.steps["random draws"][-1] == (200, 200)


def test_bins_hold_the_middle_of_the_library_and_all_of_the_set():
    def binned(theirs, ours):
        column = PROPERTIES.index("heavy_atoms")
        profiles = (np.zeros((len(values), len(PROPERTIES))) for values in (ours, theirs))
        both = []
        for profile, values in zip(profiles, (ours, theirs), strict=True):
            profile[:, column] = values
            both.append(SimpleNamespace(profile=profile))
        return _histogram(column, *both)

    counts = np.repeat(np.arange(10, 21), 100)
    counts = np.append(counts, [900])  # one in a thousand: beyond the central 99%
    found = binned(counts, np.array([8, 15, 15, 22]))
    assert found.edges == tuple(np.arange(7.5, 23))
    assert found.chosen == tuple(np.array([1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1]) / 4)
    assert sum(found.library) == pytest.approx(1)
    assert found.library[-1] == pytest.approx(1 / len(counts))
    assert found.library[2] == pytest.approx(100 / len(counts))
    wide = binned(np.arange(0, 4000), np.array([5, 6]))
    assert len(wide.edges) == 25
    assert (wide.edges[0], wide.edges[-1]) == (5.0, 3980.0)
    fractions = binned(np.linspace(0, 1, 201) + 1e-3, np.array([0.5]))
    np.testing.assert_allclose(np.diff(fractions.edges), np.diff(fractions.edges)[0])
    assert len(fractions.edges) == 25
    same = binned(np.full(30, 0.5), np.full(4, 0.5))
    assert same.edges == tuple(np.linspace(0.5, 1.5, 25))
