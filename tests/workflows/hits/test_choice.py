from molq.workflows.hits.choice import Chosen, diverse
from molq.workflows.hits.considered import Molecule
from molq.workflows.hits.read_scores import ScoredRow

ACIDS = ["O=C(O)c1ccccc1", "O=C(O)c1ccccc1C", "CCCCCCCCN", "O=C(O)c1ccc(C)cc1", "CCCCCCCN", "FC(F)(F)S"]
MOLECULES = [Molecule(2 * i + 1, ScoredRow(i, smiles, None, 1.0, {}, {}), {}) for i, smiles in enumerate(ACIDS)]


def test_the_best_of_each_cluster_in_order():
    found, notes = diverse(MOLECULES, 2, "cluster")
    assert found == [Chosen(MOLECULES[0], 1, 3), Chosen(MOLECULES[2], 2, 2)]
    assert notes == []


def test_too_few_clusters_are_told():
    found, notes = diverse(MOLECULES, 5, "cluster")
    assert [one.cluster_size for one in found] == [3, 2, 1]
    assert notes == ["there are only 3 groups of similar molecules, and so no 5 hits; a larger `top` brings more"]


def test_maxmin_is_listed_best_first():
    found, _ = diverse(MOLECULES, 3, "maxmin")
    ranks = [one.molecule.rank for one in found]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1
    assert found[0].cluster is None


def test_nothing_to_choose_from():
    assert diverse([], 3, "maxmin")[0] == []
    assert diverse([], 3, "cluster")[0] == []


def test_too_few_molecules_for_maxmin_are_told():
    _, notes = diverse(MOLECULES, 9, "maxmin")
    assert notes == ["there are only 6 molecules, and so no 9 hits; a larger `top` brings more"]
    assert diverse(MOLECULES, 6, "maxmin")[1] == []


def test_one_is_one():
    assert diverse(MOLECULES[:1], 2, "maxmin")[1][0].startswith("there is only 1 molecule, and so no 2 hits")
    assert diverse(MOLECULES[:1], 2, "cluster")[1][0].startswith("there is only 1 group of similar molecules, and")
