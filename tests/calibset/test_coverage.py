import numpy as np

from molq.calibset.coverage import coverage
from molq.calibset.population import populate


def test_coverage_is_weighted_by_library_molecules():
    library = populate(["Cc1ccccc1", "CCc1ccccc1", "CCCc1ccccc1", "Cc1ccncc1", "CBr"])
    found = coverage(populate(["Oc1ccccc1"]), library)
    assert found["scaffold"] == 3 / 5
    assert found["generic_scaffold"] == 4 / 5
    assert found["element"] == 3 / 5


def test_coverage_never_falls_as_a_set_grows(library):
    whole = populate(library)
    order = np.random.default_rng(0).permutation(len(whole))
    before = {"scaffold": 0.0, "generic_scaffold": 0.0, "element": 0.0}
    for n in range(1, len(whole) + 1):
        now = coverage(whole.subset(order[:n]), whole)
        assert all(now[name] >= before[name] for name in before)
        before = {name: now[name] for name in before}
    assert set(before.values()) == {1.0}
