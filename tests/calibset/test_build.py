import dataclasses

import numpy as np
import pytest
from heard import Heard

from molq.calibset.build import LIBRARY_SAMPLE, STRATEGIES, build
from molq.calibset.generic import generic_compounds
from molq.calibset.spec import CalibrationSpec, write_calibset
from molq.errors import InputError

EVERY_STRATEGY = pytest.mark.parametrize("strategy", STRATEGIES)
EVERY_POOL_STRATEGY = pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "generic"])


@EVERY_STRATEGY
def test_same_seed_same_bytes(library, strategy, tmp_path):
    spec = CalibrationSpec(strategy, 20, seed=5)
    for name in ("a.csv", "b.csv"):
        write_calibset(tmp_path / name, build(library, spec))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@EVERY_POOL_STRATEGY
def test_the_order_of_pool_and_library_does_not_matter(library, strategy):
    rng = np.random.default_rng(0)
    order = rng.permutation(len(library))
    spec = CalibrationSpec(strategy, 20)
    plain = build(library, spec, library[:60])
    shuffled = build([library[i] for i in order], spec, [library[i] for i in rng.permutation(60)])
    assert shuffled.smiles == plain.smiles
    assert [int(order[row]) for row in shuffled.rows] == plain.rows.tolist()
    assert shuffled.coverage == plain.coverage


@EVERY_POOL_STRATEGY
def test_rows_point_into_the_pool_and_molecules_are_distinct(library, strategy):
    pool = ["bad(", *library, *library]
    found = build(pool, CalibrationSpec(strategy, 40))
    assert [pool[row] for row in found.rows] == found.smiles
    assert len(set(found.smiles)) == 40
    assert found.coverage["pool_rejected"] == 1


@EVERY_STRATEGY
def test_another_seed_gives_another_set(library, strategy):
    first, second = (build(library, CalibrationSpec(strategy, 10, seed)) for seed in (0, 1))
    assert first.smiles != second.smiles


def test_generic_compounds_come_from_the_embedded_list_and_the_pool_is_the_library(library):
    found = build(library, CalibrationSpec("generic", 40))
    assert [generic_compounds()[row] for row in found.rows] == found.smiles
    assert found.coverage["library_molecules"] == len(library)
    with pytest.raises(InputError, match="embedded list"):
        build(library, CalibrationSpec("generic", 1000))


def test_bad_library_rows_are_counted(library):
    found = build(library, CalibrationSpec("scaffold", 10), [*library, "bad(", ""])
    assert found.coverage["library_rejected"] == 2
    assert found.coverage["library_used"] == len(library)


def test_a_small_pool_is_an_error_that_names_the_numbers(library):
    with pytest.raises(InputError, match="asked for 85 molecules, but the pool holds 84 distinct"):
        build([*library, *library], CalibrationSpec("scaffold", 85))


def test_an_unknown_strategy_and_an_empty_library_are_refused(library):
    with pytest.raises(InputError, match="choose one of random, scaffold, cluster"):
        build(library, CalibrationSpec("best", 10))
    with pytest.raises(InputError, match="none of the library's 1 rows"):
        build(library, CalibrationSpec("scaffold", 10), ["bad("])


def test_a_large_library_is_sampled_and_the_report_says_so(library, monkeypatch):
    monkeypatch.setattr("molq.calibset.build.LIBRARY_SAMPLE", 50)
    found = build(library, CalibrationSpec("scaffold", 10), library)
    assert (found.coverage["library_molecules"], found.coverage["library_used"]) == (len(library), 50)
    assert LIBRARY_SAMPLE == 50_000


def test_progress_reaches_its_end(library):
    heard = Heard()
    build(library, CalibrationSpec("scaffold", 10), progress=heard)
    seen = heard.steps[""]
    assert seen[0] == (len(library), len(library))
    assert all(total is not None and done <= total for done, total in seen)


def test_a_set_is_a_value(library):
    with pytest.raises(dataclasses.FrozenInstanceError):
        build(library, CalibrationSpec("random", 3)).spec = None  # type: ignore[misc]


def test_workers_do_not_change_the_set(monkeypatch):
    monkeypatch.setattr("molq.chem.scaffolds._CHUNK", 100)
    pool = ["C" * (i % 60 + 1) + "c1ccc(" + "O" + "C" * (i // 60) + ")cc1" for i in range(240)]
    spec = CalibrationSpec("scaffold", 20)
    assert build(pool, spec, workers=2).smiles == build(pool, spec).smiles


def test_a_large_pool_is_searched_only_as_far_as_it_must(library, monkeypatch):
    monkeypatch.setattr("molq.calibset.build.POOL_SAMPLES", (40, 60))
    spec = CalibrationSpec("scaffold", 6)
    assert build(library, spec).coverage["pool_used"] == 40
    rare = build([*library, "CC1CCCCCC1"], spec, ["CCC1CCCCCC1"] * 5)  # one cycloheptane among 85, of 6 wanted
    assert rare.coverage["pool_used"] == 85
    assert "CC1CCCCCC1" in rare.smiles
    assert build(library, CalibrationSpec("random", 50)).coverage["pool_used"] == 60
