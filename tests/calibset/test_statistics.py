import numpy as np
import pytest

from molq.calibset.coverage import coverage
from molq.calibset.population import populate
from molq.calibset.statistics import STATISTICS

NAMES = [statistic.name for statistic in STATISTICS]


def _values(reference, smiles):
    encoded = reference.encoder.encode(populate(smiles))
    return dict(zip(NAMES, reference.compared.statistics(encoded), strict=True))


def test_coverage_of_strangers_is_the_plain_coverage(reference):
    strangers = [
        "CCCCCCc1ccccc1",
        "CCCCCCC1CCNCC1",
        "CCCCCCc1ccccn1",
        "BrC(Br)Br",
        "C[N+](C)(C)C",
        *["C" * n for n in range(5, 15)],
    ]
    found, plain = _values(reference, strangers), coverage(populate(strangers), reference.population)
    assert found["scaffold_coverage"] == pytest.approx(plain["scaffold"])
    assert found["generic_scaffold_coverage"] == pytest.approx(plain["generic_scaffold"])
    assert found["element_coverage"] == pytest.approx(plain["element"])


def test_molecules_of_the_set_are_left_out_of_the_library(reference, large_library):
    # all molecules of one scaffold: the library that remains has none with it
    pyridines = [s for s in large_library if "nc1" in s]
    assert _values(reference, pyridines)["scaffold_coverage"] == 0


def test_more_molecules_never_cover_less(reference, large_library):
    strangers = ["CCCCC" + s for s in large_library[::7]]
    names = [name for name in NAMES if name.endswith("_coverage")]
    before = dict.fromkeys(names, 0.0)
    for n in (10, 20, 40, 80):
        now = _values(reference, strangers[:n])
        assert all(now[name] >= before[name] for name in names)
        before = now


def test_the_order_of_the_set_does_not_matter(reference, large_library):
    chosen = large_library[::9]
    first, second = _values(reference, chosen), _values(reference, chosen[::-1])
    assert first == second


def test_a_set_of_one_kind_is_farther_in_every_distribution(reference, large_library):
    rng = np.random.default_rng(0)
    plain = _values(reference, [large_library[i] for i in rng.choice(len(large_library), 60, replace=False)])
    alkanes = _values(reference, ["C" * n for n in range(5, 65)])
    assert alkanes["classifier_auc"] > 0.95 > plain["classifier_auc"]
    assert alkanes["mmd_tanimoto"] > 10 * abs(plain["mmd_tanimoto"])
    assert alkanes["wasserstein_rings"] > plain["wasserstein_rings"]
    assert alkanes["nearest_neighbour_tanimoto"] < plain["nearest_neighbour_tanimoto"]
