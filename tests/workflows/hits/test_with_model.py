import numpy as np
import pytest
from msgspec.structs import replace

from molq.chem.table import read_table
from molq.data.locate import library_path
from molq.engine.engine import Engine
from molq.errors import InputError
from molq.face.bundled import model_path
from molq.results.hits import Hit, Hits
from molq.store.molqfile import load
from molq.workflows.hits.with_model import agreement, column_of, scores_of, with_model, with_other

SMILES = read_table(library_path("zinc-sample")).smiles[:60]


@pytest.fixture(scope="module")
def bace():
    return load(model_path("bace-dmpnn"))


@pytest.fixture(scope="module")
def hits(bace):
    """As a screen wrote them."""
    scores = scores_of(Engine(bace.network), 0, SMILES)
    order = np.argsort(-scores, kind="stable").tolist()
    listed = [Hit(rank, i, SMILES[i], None, float(str(np.float32(scores[i]))), {}) for rank, i in enumerate(order, 1)]
    return Hits("Class", ("Class",), True, "s.csv", 60, 60, "top", tuple(listed))


def test_scores_of_a_screen_are_those_of_its_model(bace, hits):
    found = with_model(hits, bace, SMILES[:5], "mine")
    assert found.notes == ()
    assert found.reference == "mine: 5 molecules"
    for hit in found.hits:  # they add up to the score before its sigmoid
        parts = hit.contributions
        assert parts.baseline + sum(parts.atoms) == pytest.approx(np.log(hit.score / (1 - hit.score)), abs=1e-4)
    assert [hit.score for hit in found.hits] == [hit.score for hit in hits.hits]
    own = {hit.smiles: hit.belief for hit in found.hits}
    assert all(own[smiles].similarity == 1 and own[smiles].nearest == smiles for smiles in SMILES[:5])
    assert own[SMILES[30]].similarity < 1


def test_rounded_scores_and_those_of_another_model_are_told_apart(bace, hits):
    of_model = np.array([hit.score for hit in hits.hits])
    rounded = [replace(hit, score=round(hit.score, 2)) for hit in hits.hits]
    assert "near those of m, rounded" in agreement(rounded, of_model, "m")[0]
    assert (
        "m is not the model of these scores: it gives 60 of the 60 hits another"
        in agreement(hits.hits, of_model + 1, "m")[0]
    )
    some = of_model.copy()
    some[:3] = np.nan
    assert agreement(hits.hits, some, "m") == ["m gives 3 of the 60 hits no score, though the file does"]
    assert len(agreement(hits.hits, np.full(60, np.nan), "m")) == 1


def test_a_model_does_not_move_its_own_ranks(bace, hits):
    found = with_other(hits, hits.hits, bace)
    assert found.most_moved == ()
    assert all(hit.moved.rank == hit.moved.from_rank == hit.rank for hit in found.hits)


def test_the_farthest_moved_come_first_with_both_ranks(hits):
    esol = load(model_path("esol-dmpnn"))
    found = with_other(replace(hits, hits=hits.hits[:5]), hits.hits, esol)
    scores = scores_of(Engine(esol.network), 0, [hit.smiles for hit in hits.hits])
    expected = 1 + np.array([(scores > score).sum() for score in scores])
    assert [hit.moved.rank for hit in found.hits] == expected[:5].tolist()
    distances = [abs(hit.moved.rank - hit.moved.from_rank) for hit in found.most_moved]
    assert distances == sorted(np.abs(expected - np.arange(1, 61)), reverse=True)[: len(distances)]
    assert found.most_moved[0].moved.among == 60
    assert "its only prediction" in found.notes[0]


def test_the_moved_come_with_what_their_atoms_add_to_both_scores(bace, hits):
    found = with_other(hits, hits.hits, load(model_path("esol-dmpnn")), bace)
    for hit in found.most_moved[:3]:
        assert hit.contributions.output == pytest.approx(np.log(hit.score / (1 - hit.score)), abs=1e-3)
        assert hit.moved.contributions.output == pytest.approx(hit.moved.score, abs=1e-3)


def test_what_the_other_cannot_score_has_no_rank(bace, hits):
    huge = Hit(61, 99, "C" * 1100, None, -1.0, {})
    found = with_other(replace(hits, hits=(huge,)), [*hits.hits, huge], bace)
    assert found.hits[0].moved is None
    assert "1 of the considered molecules no score" in found.notes[0]


def test_a_column_that_a_model_has_not_got(bace):
    class Model:
        path = "m.molq"

        class network:
            columns = (*bace.network.columns, replace(bace.network.columns[0], name="other", task="other"))

    assert column_of(Model, "other") == 1
    Model.network.columns += (replace(bace.network.columns[0], name="row", task="row"),)
    assert column_of(Model, "task_row") == column_of(Model, "row") == 2
    with pytest.raises(
        InputError, match=r"`against` m.molq has no score 'x'; those it has are 'Class', 'other', 'row'"
    ):
        column_of(Model, "x", "against")


def test_of_no_hits_nothing_is_said(bace, hits):
    found = with_other(with_model(replace(hits, hits=()), bace, ["C"], "mine"), [], bace)
    assert found.hits == found.most_moved == ()


def test_a_note_is_made_once(bace, hits):
    renamed = replace(hits, task="p")
    notes = with_other(with_model(renamed, bace, ["C"], "mine"), renamed.hits, bace).notes
    assert len(notes) == len(set(notes)) > 0
