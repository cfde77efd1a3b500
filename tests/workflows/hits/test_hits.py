import pytest

from molq.errors import InputError
from molq.progress import SILENT
from molq.workflows.hits.hits import Judges, Wishes, find_hits
from molq.workflows.hits.read_scores import Reading


@pytest.fixture
def path(tmp_path):
    smiles = ["CCO", "CCN", "CCCl", "OCC", "CCF", "CCBr"]
    rows = "\n".join(f"{text},{5 - i // 2},x{i}" for i, text in enumerate(smiles))
    (tmp_path / "s.csv").write_text(f"smiles,p,note\n{rows}\n")
    return tmp_path / "s.csv"


def test_the_list_says_how_it_was_made(path):
    found = find_hits(path, Wishes(top=5, conditions=("mw<60",)), Reading(), Judges(), "scores", SILENT)
    assert (found.task, found.source, found.rows, found.considered, found.choice) == ("p", "scores", 6, 5, "top")
    assert [(hit.rank, hit.row, hit.smiles, hit.others) for hit in found.hits] == [
        (1, 0, "CCO", {"note": "x0"}),
        (2, 1, "CCN", {"note": "x1"}),
        (5, 4, "CCF", {"note": "x4"}),
    ]
    assert found.left_out == {"not mol_weight < 60": 1, "the same molecule as a better row": 1}
    assert found.notes == ("1 row is left out with the score of rank 5: of equal scores the earlier rows come first",)


def test_alerts_are_named_or_dropped(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("smiles,p\nO=[N+]([O-])c1ccccc1,0.9\nCCO,0.8\n")
    flagged = find_hits(path, Wishes(filters=("brenk",)), Reading(), Judges(), "scores", SILENT)
    assert "BRENK: nitro_group" in flagged.hits[0].alerts
    assert flagged.hits[1].alerts == ()
    assert flagged.filters == ("BRENK",)
    dropped = find_hits(path, Wishes(filters=("brenk",), drop_alerts=True), Reading(), Judges(), "scores", SILENT)
    assert [hit.rank for hit in dropped.hits] == [2]


def test_wishes_that_cannot_be():
    with pytest.raises(InputError, match="choose from cluster, maxmin"):
        Wishes(diverse_by="butina")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="name the alerts with `filter`"):
        Wishes(drop_alerts=True)


def test_bounds_may_be_joined_as_for_spaces(path):
    wishes = Wishes(conditions=("40<mw<50 and rings=0", "logp<0.1"))
    found = find_hits(path, wishes, Reading(), Judges(), "scores", SILENT)
    assert found.conditions == ("mol_weight > 40", "mol_weight < 50", "rings = 0", "logp < 0.1")
    assert [hit.smiles for hit in found.hits] == ["CCO", "CCN"]
