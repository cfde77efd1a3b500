import re

from molq.face.bundled import models_dir
from molq.report.text.model_card import model_card
from molq.store.card import Card
from molq.store.molqfile import load, read_header, save


def test_front_matter_facts_and_layers():
    text = model_card(read_header(models_dir() / "bace-dmpnn.molq"))
    assert text.startswith('---\nlibrary_name: "molq"\ntags: ["chemistry"')
    assert "| accuracy | ROC-AUC 0.8014 \\[0.7255, 0.8718\\] on 152 test molecules |" in text
    rows = [line for line in text.splitlines() if line.startswith(("| encoder", "| head"))]
    assert len(rows) == 7
    assert all(line.count("|") == 7 for line in rows)


def test_what_a_card_says_is_no_markup(tmp_path):
    network = load(models_dir() / "bace-dmpnn.molq").network
    hostile = Card("a\n# b", "<script>alert(1)</script> | [x](javascript:y)\n---\nlibrary_name: z")
    save(tmp_path / "m.molq", network, hostile)
    text = model_card(read_header(tmp_path / "m.molq"))
    assert not re.search(r"(?<!\\)<", text)
    assert "\\[x\\](javascript:y)" in text
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# a \\# b", "## Use", "## Layers"]
    assert text.count("\n---\n") == 1
