import numpy as np
import pytest

from molq.calibset.coverage import coverage
from molq.calibset.population import populate

NAMES = ("scaffold", "generic_scaffold", "element")


def test_coverage_is_weighted_by_library_molecules():
    library = populate(["Cc1ccccc1", "CCc1ccccc1", "CCCc1ccccc1", "Cc1ccncc1", "CBr"])
    found = coverage(populate(["Oc1ccccc1"]), library)
    assert found["scaffold"] == 3 / 5
    assert found["generic_scaffold"] == 4 / 5
    assert found["element"] == 3 / 5


def test_coverage_never_falls_as_a_set_of_strangers_grows(library):
    strangers = [f"{smiles}.CCCCC" for smiles in library]
    before = dict.fromkeys(NAMES, 0.0)
    for n in range(1, len(strangers) + 1):
        now = coverage(populate(strangers[:n]), populate(library))
        assert all(now[name] >= before[name] for name in NAMES)
        before = {name: now[name] for name in NAMES}
    assert set(before.values()) == {1.0}


def test_molecules_of_the_set_do_not_count(library):
    whole = populate(library)
    pyridines = whole.subset(np.flatnonzero(["nc" in smiles for smiles in whole.smiles]))
    assert coverage(pyridines, whole)["scaffold"] == 0
    assert [coverage(whole, whole)[name] for name in NAMES] == [1, 1, 1]


def test_build_and_validate_count_alike(large_library, reference):
    chosen = populate(large_library[::9])
    found = coverage(chosen, reference.population)
    values = reference.compared.statistics(reference.encoder.encode(chosen))
    assert [found[name] for name in NAMES] == pytest.approx(values[:3])
