from molq.report.text.facts import facts_text


def test_labels_stand_beside_their_facts():
    facts = [("name", "bace"), ("tasks", "a"), ("tasks", "b"), ("none", "")]
    assert facts_text(facts) == "name   bace\ntasks  a\n       b\nnone"


def test_long_facts_are_wrapped_and_long_words_stay_whole():
    lines = facts_text([("what", "a word or two of it " * 9), ("where", "https://x.org/" + "y" * 90)]).splitlines()
    assert max(map(len, lines[:-1])) <= 80
    assert all(line.startswith("       ") for line in lines[1:-2])
    assert lines[-1] == "where  https://x.org/" + "y" * 90
