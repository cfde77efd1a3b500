from molq.chem.selection.alerts import Alerts
from molq.chem.selection.conditions import condition
from molq.workflows.hits.considered import REPEATED, UNREADABLE, considered
from molq.workflows.hits.read_scores import ScoredRow


def rows(*smiles):
    return [ScoredRow(i, text, None, 1.0 - i / 10, {}, {}) for i, text in enumerate(smiles)]


def test_a_molecule_stands_once_under_its_best_rank():
    found = considered(rows("CCO", "c1cc", "OCC", "", "CCN"), None, False, [])
    assert [(m.rank, m.row.smiles) for m in found.molecules] == [(1, "CCO"), (5, "CCN")]
    assert found.left_out == {UNREADABLE: 2, REPEATED: 1}
    assert found.molecules[0].properties["heavy_atoms"] == 3


def test_alerts_are_named_or_dropped_and_counted():
    nitro = "O=[N+]([O-])c1ccccc1"
    flagged = considered(rows(nitro, "CCO"), Alerts(["brenk"]), False, [])
    assert "BRENK: nitro_group" in flagged.molecules[0].alerts
    assert flagged.molecules[1].alerts == ()
    dropped = considered(rows(nitro, "CCO"), Alerts(["brenk"]), True, [])
    assert [m.rank for m in dropped.molecules] == [2]
    assert dropped.left_out == {f"alert {flagged.molecules[0].alerts[0]}": 1}


def test_conditions_drop_and_say_which():
    found = considered(rows("CCO", "CCCCCCCCCC", "C"), None, False, [condition("mw<100"), condition("heavy_atoms>=2")])
    assert [m.row.smiles for m in found.molecules] == ["CCO"]
    assert found.left_out == {"not mol_weight < 100": 1, "not heavy_atoms >= 2": 1}
