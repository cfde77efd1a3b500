import pytest

from molq.cli.saving import saved
from molq.errors import OutputError
from molq.files import write_whole


def save(path, force):
    write_whole(path, "ours", force=force)


def test_what_was_made_is_saved(tmp_path):
    saved(save, tmp_path / "m.molq", force=False)
    assert (tmp_path / "m.molq").read_text() == "ours"


def test_what_appeared_meanwhile_stays_and_what_was_made_is_beside(tmp_path):
    (tmp_path / "m.molq").write_text("theirs")
    with pytest.raises(OutputError, match=r"m.molq appeared meanwhile .* is in .*m-1\.molq$"):
        saved(save, tmp_path / "m.molq", force=False)
    assert (tmp_path / "m.molq").read_text() == "theirs"
    assert (tmp_path / "m-1.molq").read_text() == "ours"
    saved(save, tmp_path / "m.molq", force=True)
    assert (tmp_path / "m.molq").read_text() == "ours"


def test_other_errors_pass(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        saved(save, tmp_path / "gone" / "m.molq", force=False)
