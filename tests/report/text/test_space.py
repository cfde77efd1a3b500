from molq.report.text.space import sample_text, space_text
from molq.results.space import ReactionSize, SpaceSample, SpaceSummary


def test_the_answer_comes_first_and_the_largest_reactions_are_shown():
    sizes = tuple(ReactionSize(f"r{i}" + "x" * 60 * (i == 29), (i + 1, 1000), 1000 * (i + 1)) for i in range(30))
    space = SpaceSummary("s.txt", sizes, 5, 465_000, {"no connector": 2}, ("r1: a note",))
    text = space_text(space)
    lines = text.splitlines()
    assert lines[0] == "465,000 products of 5 synthons, 30 reactions."
    assert max(map(len, lines)) <= 80
    assert "30 × 1,000    30,000" in lines[4]
    assert "and 10 smaller reactions" in text
    assert "note: r1: a note" in text
    assert text.endswith("2 synthons left out:\n  2 no connector")


def test_a_sample_tells_what_was_refused():
    sample = SpaceSample("s.txt", 7, (), {"valence": 3})
    assert sample_text(sample) == (
        "0 products of s.txt, seed 7\n3 other products drawn, which RDKit refuses:\n  3 valence"
    )
