import msgspec
from made_hits import HITS, hit

from molq.report.text.hits import answer, belief_answer, cost, hits_text
from molq.results.hits import Belief


def test_the_answer_comes_first_and_everything_is_counted():
    text = hits_text(HITS)
    assert " ".join(text.split()).startswith(
        "2 hits of the best 3 of 10,000 molecules by p (largest first); scores 0.9375 to 0.5000."
    )
    assert max(map(len, text.splitlines())) <= 80
    for part in (
        "1 not mol_weight < 500",
        "12 rows without a score",
        "12 unparsable",
        "note: a note",
        "1 of the 2 hits have",
    ):
        assert part in text, part


def test_the_cost_of_a_diverse_choice_is_told():
    found = msgspec.structs.replace(HITS, choice="cluster", hits=tuple(hit(rank=r, cluster=r) for r in (1, 20, 301)))
    assert cost(found) == "Their median rank is 20; the plain top 3 would have 2."
    assert "the best of each group of similar molecules" in answer(found)


def test_a_list_of_nothing_is_told():
    assert hits_text(msgspec.structs.replace(HITS, hits=())).startswith(
        "No hits: nothing is left of the best 3 of 10,000"
    )


def test_long_texts_fit_the_terminal():
    found = msgspec.structs.replace(HITS, hits=(hit(smiles="C" * 500, identifier="x" * 300),))
    assert max(map(len, hits_text(found).splitlines())) <= 80


def test_small_scores_are_told_apart():
    small = (hit(score=1.594e-6), hit(rank=2, score=1.6e-6))
    text = " ".join(hits_text(msgspec.structs.replace(HITS, hits=small, descending=False)).split())
    assert "scores 1.594e−06 to 1.6e−06" in text
    assert "0.0000" not in text


def test_verdicts_add_up_to_the_hits():
    found = msgspec.structs.replace(HITS, hits=(hit(), hit(belief=None), hit(belief=Belief())), reference="them")
    assert "1 of the 3 hits are inside" in belief_answer(found)
    assert "wrong more often; of 2 it is not known (them;" in belief_answer(found)
    assert "not known" not in belief_answer(msgspec.structs.replace(found, hits=(hit(),)))
