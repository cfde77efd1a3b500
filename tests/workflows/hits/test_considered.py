from molq.chem.selection.alerts import Alerts
from molq.chem.selection.conditions import condition
from molq.workflows.hits.considered import REPEATED, UNREADABLE, considered
from molq.workflows.hits.read_scores import ScoredRow


def rows(*smiles):
    return [ScoredRow(i, text, None, 1.0 - i / 10, {}, {}) for i, text in enumerate(smiles)]


def test_a_molecule_stands_once_under_its_best_rank():
    found = considered(rows("CCO", "c1cc", "OCC", "", "CCN"), None, [])
    assert [(m.rank, m.row.smiles) for m in found.molecules] == [(1, "CCO"), (5, "CCN")]
    assert found.left_out == {UNREADABLE: 2, REPEATED: 1}
    assert found.molecules[0].properties["heavy_atoms"] == 3


def test_what_has_an_alert_is_dropped_and_counted():
    found = considered(rows("O=[N+]([O-])c1ccccc1", "CCO"), Alerts(["brenk"]), [])
    assert [m.rank for m in found.molecules] == [2]
    ((reason, n),) = found.left_out.items()
    assert reason.startswith("alert BRENK: ")
    assert n == 1


def test_conditions_drop_and_say_which():
    found = considered(rows("CCO", "CCCCCCCCCC", "C"), None, [condition("mw<100"), condition("heavy_atoms>=2")])
    assert [m.row.smiles for m in found.molecules] == ["CCO"]
    assert found.left_out == {"not mol_weight < 100": 1, "not heavy_atoms >= 2": 1}
