import numpy as np

from molq.calibset.findings import finding, missing, remedy
from molq.calibset.population import populate
from molq.calibset.statistics import STATISTICS


def test_what_is_missing_is_named_with_its_share(reference, large_library):
    plain = populate([s for s in large_library if "Br" not in s and "nc1" not in s])
    found = missing(reference, plain)
    many = missing(reference, populate(["c1ccccc1"])).elements
    assert len(many) > 2
    assert [share for _, share in many] == sorted((share for _, share in many), reverse=True)
    assert dict(found.elements) == {"Br": np.mean(["Br" in s for s in large_library])}
    assert [name for name, _ in found.scaffolds] == ["c1ccncc1"]
    assert found.charges == ()


def test_nothing_is_missing_from_the_library_itself(reference):
    found = missing(reference, reference.population)
    assert (found.elements, found.charges, found.scaffolds) == ((), (), ())


def test_every_statistic_has_a_finding_and_a_remedy(reference):
    molecules = populate(["C" * n for n in range(5, 25)])
    lacks, chosen = missing(reference, molecules), reference.encoder.encode(molecules)
    for statistic in STATISTICS:
        if statistic.name != "charge_coverage":  # this library holds no charges
            assert finding(statistic.name, lacks, reference, chosen)
        assert "molq calibset build lib.csv" in remedy(statistic.name, 200, "lib.csv")


def test_remedies_name_the_strategy_and_the_size_that_help():
    for name, words in (
        ("scaffold_coverage", "by scaffold, from a pool that holds these scaffolds"),
        ("ring_coverage", "by scaffold, from a pool that holds these scaffolds"),
        ("element_coverage", "a pool that holds them"),
        ("wasserstein_logp", "--strategy property --size 200"),
        ("atom_type_coverage", "--strategy scaffold --size 400"),
        ("nearest_neighbour_tanimoto", "--strategy scaffold --size 400"),
        ("classifier_auc", "--strategy scaffold --size 200"),
    ):
        assert words in remedy(name, 200, "lib.csv")
