"""What a page holds of its molecules: everything that is exported, drawings, and what SMARTS are matched on."""

from __future__ import annotations

import json

import msgspec
from made_hits import HITS, hit

from molq.chem.pictures.svg import picture
from molq.chem.sketch import sketch
from molq.report.pages.molecules import SIZE, drawn, embedded, limit_of
from molq.report.text.hit_columns import hit_columns
from molq.results.hits import Belief, Hits


def read(hits: Hits) -> dict:
    return json.loads(embedded(hits, {"inside": "near"}).to_script())


def one(**changes) -> Hits:
    return msgspec.structs.replace(HITS, hits=(hit(**changes),))


def test_columns_are_those_of_every_file():
    told = [(column["name"], tuple(column["cells"])) for column in read(HITS)["columns"]]
    assert told == [(column.name, column.cells) for column in hit_columns(HITS)]


def test_a_script_finds_the_columns_that_it_must_know():
    found = read(HITS)
    names = [column["name"] for column in found["columns"]]
    assert {role: i if i is None else names[i] for role, i in found["roles"].items()} == {
        "rank": "rank",
        "smiles": "smiles",
        "id": "id",
        "score": "p",
        "alerts": "alerts",
        "verdict": "verdict",
        "similarity": "similarity",
        "nearest": "nearest",
        "cluster": None,
    }
    assert names[read(one(identifier=None))["roles"]["score"] + 1] == "p"


def test_numbers_and_texts_are_told_apart():
    kinds = {column["name"]: column["kind"] for column in read(HITS)["columns"]}
    assert {name for name, kind in kinds.items() if kind == "text"} == {
        "smiles",
        "id",
        "alerts",
        "verdict",
        "nearest",
        "vendor",
    }


def test_drawings_are_coloured_on_one_scale():
    limit = limit_of(HITS)
    values = HITS.hits[0].contributions.atoms
    assert drawn(HITS) == [picture("Oc1ccccc1O", size=SIZE, values=values, limit=limit), picture("CCO", size=SIZE)]
    assert limit_of(one(contributions=None)) is None


def test_sketches_are_those_of_the_molecules():
    assert read(HITS)["sketches"] == json.loads(msgspec.json.encode([sketch(hit.smiles) for hit in HITS.hits]))


def test_what_cannot_be_drawn_says_why():
    found = read(one(smiles="C" * 201, contributions=None))
    assert found["drawings"] == [None]
    assert "201 atoms" in found["missing"]["0"]


def test_the_nearest_molecules_are_drawn_once():
    near = Belief(similarity=0.5, nearest="CCN", verdict="edge")
    found = read(msgspec.structs.replace(HITS, hits=(hit(belief=near), hit(rank=2, belief=near))))
    assert found["nearest"] == {"CCN": picture("CCN", size=SIZE)}


def test_nothing_ends_the_element_and_every_number_is_json():
    found = one(identifier="</script><!--\ud800", score=float("nan"), scores={"p": float("nan")})
    text = embedded(found, {}).to_script()
    assert "<" not in text
    columns = {column["name"]: column["cells"] for column in json.loads(text)["columns"]}
    assert columns["id"] == ["</script><!--\\ud800"]
    assert columns["p"] == [None]


def test_a_score_is_shown_whatever_it_is_called():
    found = msgspec.structs.replace(HITS, task="logp", columns=("logp",), hits=(hit(scores={"logp": 0.5}),))
    shown = {column.name for column in embedded(found, {}).columns if column.shown}
    assert {"input_logp", "logp", "rank"} <= shown
