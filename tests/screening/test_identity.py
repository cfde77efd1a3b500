from __future__ import annotations

import hashlib

import pytest
from fake_runs import fake_run

from molq import __version__
from molq.screening.identity import Identity, InputFile, difference, identify
from molq.screening.settings import Settings
from molq.serial import from_json, to_json

BEFORE = Identity("1.0", ("aa",), (InputFile("a.csv", "01"), InputFile("b.csv", "02")), Settings(top=3))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (BEFORE, None),
        (Identity("2.0", BEFORE.models, BEFORE.inputs, BEFORE.settings), "it was begun by molq 1.0, and this is 2.0"),
        (Identity("1.0", ("ab",), BEFORE.inputs, BEFORE.settings), "the model has changed"),
        (Identity("1.0", ("aa",), BEFORE.inputs[:1], BEFORE.settings), "the input has changed (other files)"),
        (
            Identity("1.0", ("aa",), (BEFORE.inputs[0], InputFile("b.csv", "03")), BEFORE.settings),
            "the input has changed (b.csv)",
        ),
        (Identity("1.0", ("aa",), BEFORE.inputs, Settings(top=4)), "`top` was 3, and is 4 now"),
        (
            Identity("1.0", ("aa",), BEFORE.inputs, Settings(top=3, tasks=("x",))),
            "`tasks` was None, and is ('x',) now",
        ),
    ],
)
def test_what_has_changed_in_words(now, said):
    assert difference(BEFORE, now) == said
    assert difference(from_json(to_json(BEFORE), Identity, "here"), now) == said


def test_it_is_made_of_contents_and_not_of_places(model, library, tmp_path):
    run = fake_run(model, library, tmp_path / "out.csv")
    found = identify(run.job.models, run.reader, run.settings)
    run.reader.close()
    assert found.molq == __version__
    assert found.models == (hashlib.sha256(model.read_bytes()).hexdigest(),)
    assert found.inputs == (InputFile("library.csv", hashlib.sha256(library.read_bytes()).hexdigest()),)
    assert str(tmp_path) not in to_json(found).decode()
