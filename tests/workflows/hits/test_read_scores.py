import gzip

import numpy as np
import pandas as pd
import pytest
from heard import Heard

from molq.errors import InputError
from molq.progress import SILENT
from molq.workflows.hits.read_scores import Reading, best_scores

TEXT = """smiles,id,logS,logS_std,rejected
CCO,a,0.25,0.1,
CCN,b,0.75,0.2,
c1cc,c,,,unparsable SMILES: unclosed ring
CCC,d,0.5,,
CCCl,e,0.75,0.4,
CCF,f,abc,0.1,
"""


def best(path, top=3, lowest=False, **how):
    return best_scores(path, top, lowest, Reading(**how), SILENT)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "s.csv").write_text(TEXT)
    return tmp_path / "s.csv"


def test_the_best_rows_with_all_that_stands_beside(path):
    found = best(path)
    assert [(row.row, row.identifier, row.score) for row in found.rows] == [
        (1, "b", 0.75),
        (4, "e", 0.75),
        (3, "d", 0.5),
    ]
    assert found.rows[0].numbers == {"logS": 0.75, "logS_std": 0.2}
    assert found.rows[2].numbers == {"logS": 0.5}
    assert found.n_scored == 4
    assert found.unscored == {"unparsable SMILES: unclosed ring": 1, "the score is no number": 1}
    assert [row.identifier for row in best(path, lowest=True).rows] == ["a", "d", "b"]
    assert best(path, 1).n_tied_out == 1


def test_every_kind_of_file_gives_the_same(path, tmp_path):
    expected = best(path).rows
    frame = pd.read_csv(path)
    (tmp_path / "s.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "s.tsv").write_text(TEXT.replace(",", "\t"))
    frame.to_excel(tmp_path / "s.xlsx", index=False)
    frame.to_parquet(tmp_path / "s.parquet")
    for name in ("s.csv.gz", "s.tsv", "s.xlsx", "s.parquet"):
        assert best(tmp_path / name, task="logS").rows == expected, name


def test_standard_input_and_pipes_are_read_too(path, monkeypatch):
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert best("-").rows == best(path).rows


def test_a_file_of_many_chunks_is_ranked_whole(tmp_path):
    rng = np.random.default_rng(0)
    scores = rng.random(40_000).round(3)
    rows = "\n".join(f"C{'C' * (i % 5)}O,m{i},{score}" for i, score in enumerate(scores.tolist()))
    (tmp_path / "s.csv").write_text(f"smiles,name,p\n{rows}\n")
    heard = Heard()
    heard.stage("read")
    found = best_scores(tmp_path / "s.csv", 100, False, Reading(), heard)
    order = np.argsort(-scores, kind="stable")
    assert [row.row for row in found.rows] == order[:100].tolist()
    assert found.n_scored == 40_000
    assert heard.steps["read"][-1] == (40_000, 40_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("score\n0.1\n0.2\n0.3\n0.4\n", "Hits are molecules"),
        ("smiles,name\nCCO,a\nCCN,b\n", "no column holds scores"),
        ("smiles,score\n", "no rows"),
        ("smiles,p,q\nCCO,1,2\n", "`task` says which one ranks"),
        ("smiles,score\nCCO,\nCCN,nan\n", "no column holds scores"),
    ],
)
def test_what_is_no_file_of_scores_is_an_error_with_the_remedy(tmp_path, text, says):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(InputError, match=says):
        best(tmp_path / "s.csv")


def test_a_task_without_a_number_is_an_error(path):
    with pytest.raises(InputError, match="none of its 6 rows has a score in column 'rejected'"):
        best(path, task="rejected")


def test_decimal_commas_are_known_by_the_file_or_not_believed(tmp_path):
    (tmp_path / "s.csv").write_text("smiles;pIC50;mw\nCCO;6,5;1\nCCN;7,250;2\nCCC;5,125;3\n")
    assert [row.score for row in best(tmp_path / "s.csv", task="pIC50").rows] == [7.25, 6.5, 5.125]
    (tmp_path / "s.csv").write_text("smiles;pIC50\nCCO;6,500\nCCN;7,250\n")
    with pytest.raises(InputError, match="not clear whether it stands for a decimal point"):
        best(tmp_path / "s.csv", task="pIC50")


def test_a_task_by_number_is_that_column_of_the_file(tmp_path):
    (tmp_path / "s.csv").write_text("smiles,p,q\nCCO,1,20\nCCN,2,10\n")
    assert best(tmp_path / "s.csv", task="2").columns.task == "p"
    assert best(tmp_path / "s.csv", task="3").rows[0].score == 20
    with pytest.raises(InputError, match="no column 4 for `task`: there are 3"):
        best(tmp_path / "s.csv", task="4")
    with pytest.raises(InputError, match="no column 'smiles' among 'p', 'q'"):
        best(tmp_path / "s.csv", task="1")
    (tmp_path / "s.csv").write_text("smiles,1,q\nCCO,7,20\n")
    assert best(tmp_path / "s.csv", task="1").rows[0].score == 7


def test_a_column_that_begins_late_is_not_passed_over(tmp_path):
    rows = "".join(f"CCO,{i % 500},{'' if i < 17_000 else i % 7},\n" for i in range(18_000))
    (tmp_path / "s.csv").write_text(f"smiles,mw,pIC50,rejected\n{rows}")
    with pytest.raises(InputError, match="2 columns hold numbers, 'mw', 'pIC50'; `task` says which one ranks"):
        best(tmp_path / "s.csv")
    found = best(tmp_path / "s.csv", task="pIC50")
    assert (found.rows[0].score, found.n_scored) == (6, 1000)
    assert found.rows[0].numbers["mw"] == (found.rows[0].row) % 500
