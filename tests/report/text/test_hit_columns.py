import msgspec
from made_hits import HITS, hit

from molq.report.text.hit_columns import hit_columns


def test_scores_stand_first_and_what_nobody_has_is_left_out():
    columns = {column.name: column.cells for column in hit_columns(HITS)}
    assert list(columns)[:5] == ["rank", "smiles", "id", "p", "p_std"]
    assert columns["p_std"] == (0.1, None)
    assert columns["alerts"] == ("PAINS: catechol_A(92); own: =cmd", "")
    assert columns["similarity"] == (0.75, None)
    assert "cluster" not in columns
    assert columns["vendor"] == ("A & B", "")


def test_names_that_are_taken_are_told_apart():
    found = msgspec.structs.replace(
        HITS, task="rank", columns=("rank", "logp"), hits=(hit(scores={"rank": 2.0, "logp": 9.0}),)
    )
    columns = {column.name: column.cells for column in hit_columns(found)}
    assert columns["rank"] == (1,)
    assert columns["input_rank"] == (2.0,)
    assert columns["input_logp"] == (9.0,)
    assert columns["logp"] == (1.5,)
    assert [column.name for column in hit_columns(found) if column.is_score] == ["input_rank", "input_logp"]
