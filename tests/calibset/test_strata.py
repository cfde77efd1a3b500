import numpy as np
import pytest

from molq.calibset.population import populate
from molq.calibset.strata import GRAINS, stratify, stratum_of


@pytest.mark.parametrize("size", [1, 5, 20, 200])
def test_the_strata_partition_the_library(library, size):
    found = populate(library)
    strata = stratify(found.scaffolds, size)
    assert sum(stratum.n_library for stratum in strata) == len(library)
    home = stratum_of(found.scaffolds, strata)[found.scaffolds.codes]
    assert np.bincount(home, minlength=len(strata)).tolist() == [stratum.n_library for stratum in strata]


def test_large_scaffolds_stand_alone_and_small_ones_are_pooled():
    # 8 of 12 on benzene; pyridine and pyrimidine share a generic scaffold; the fused pair shares rings and size
    smiles = ["C" * k + "c1ccccc1" for k in range(1, 9)] + [
        "Cc1ccncc1",
        "Cc1cncnc1",
        "Cc1ccc2ccccc2c1",
        "Cc1ccc2[nH]ccc2c1",
    ]
    found = populate(smiles)
    strata = {(s.grain, s.name): s.n_library for s in stratify(found.scaffolds, 6)}
    assert strata == {("scaffold", "c1ccccc1"): 8, ("generic", "C1CCCCC1"): 2, ("rings", "2/2"): 1, ("rings", "2/1"): 1}


def test_levels_come_fine_before_coarse(library):
    grains = [GRAINS.index(stratum.grain) for stratum in stratify(populate(library).scaffolds, 4)]
    assert grains == sorted(grains)


def test_a_scaffold_the_library_has_not_falls_to_the_finest_pool_or_nowhere(library):
    strata = stratify(populate(library).scaffolds, 20)
    strangers = populate(["Cc1cncnc1", "C1CC2CC1CC2CC1CCC2CCCCC2C1"]).scaffolds
    assert stratum_of(strangers, strata).tolist() == [-1, -1]


def test_a_stratum_holds_the_shape_that_its_neighbours_are_sought_by():
    smiles = ["C" * k + "c1ccccc1" for k in range(1, 9)] + [
        "Cc1ccncc1",
        "Cc1cncnc1",
        "Cc1ccc2ccccc2c1",
        "Cc1ccc2[nH]ccc2c1",
    ]
    shapes = {(s.grain, s.name): (s.generic, s.n_rings, s.n_atoms) for s in stratify(populate(smiles).scaffolds, 6)}
    assert shapes == {
        ("scaffold", "c1ccccc1"): ("C1CCCCC1", 1, 6),
        ("generic", "C1CCCCC1"): ("C1CCCCC1", 1, 6),
        ("rings", "2/2"): (None, 2, 12),  # of ten to fourteen atoms
        ("rings", "2/1"): (None, 2, 7),
    }


def test_large_strata_come_before_small_ones_of_their_grain():
    smiles = ["C" * k + ring for ring, n in (("C1CC1", 2), ("C1CCC1", 4), ("C1CCCC1", 3)) for k in range(1, n + 1)]
    assert [stratum.n_library for stratum in stratify(populate(smiles).scaffolds, 9)] == [4, 3, 2]
