from __future__ import annotations

from molq.report.text.prose import explained, wrapped


def test_lines_are_wrapped_after_their_mark():
    lines = wrapped("word " * 30, "- ").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("- word")
    assert all(line.startswith("  word") for line in lines[1:])


def test_a_command_stays_on_one_line():
    text = f"do `{'molq ' * 30}`"
    assert wrapped(text, "→ ") == f"→ {text}"


def test_words_are_explained_a_line_each():
    assert explained(["non-inferior"]) == [
        "non-inferior: the whole interval of the difference lies on the good side of the\nmargin."
    ]
