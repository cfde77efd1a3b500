from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from molq import outputs
from molq.errors import OutputError
from molq.remote.writing import put


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    path = tmp_path / "out.csv"
    path.write_text("precious")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_may_be_written_and_nothing_is_touched(tmp_path):
    outputs.refuse_output(tmp_path / "new.csv", [tmp_path / "no such input", "zinc-sample", "-"], force=False)
    assert names(tmp_path) == []


def test_an_existing_output_needs_force(taken):
    with pytest.raises(OutputError, match=r"exists already; .* `force`"):
        outputs.refuse_output(taken, force=False)
    outputs.refuse_output(taken, force=True)


@pytest.mark.parametrize("make", [Path.symlink_to, Path.hardlink_to])
def test_an_input_is_refused_by_whatever_name_even_with_force(tmp_path, taken, make):
    alias = tmp_path / "alias.csv"
    make(alias, taken)
    for output, source in ((taken, taken), (alias, taken), (taken, alias), (taken, f"{tmp_path}/./out.csv")):
        with pytest.raises(OutputError, match="is an input"):
            outputs.refuse_output(output, ["-", source], force=True)


def test_one_object_is_one_whoever_asks_for_it(bucket):
    ours = bucket.replace("s3://", "s3://AKIAMOLQTEST:a-secret-of-the-tests@")
    for output, source in ((f"{ours}/a", f"{bucket}/a"), (Path(bucket, "a"), f"{ours}/a"), (ours + "/a", ours + "/a")):
        with pytest.raises(OutputError, match="is an input"):
            outputs.refuse_output(output, ["-", "a.csv", source], force=True)
    with pytest.raises(OutputError, match="name one file"):
        outputs.refuse_outputs([f"{bucket}/a", f"{ours}/a"], force=True)
    put(b"another", f"{bucket}/b")
    outputs.refuse_output(f"{bucket}/a", [f"{bucket}/b", f"{ours}/b"], force=True)


def test_a_place_that_looks_like_a_url_and_is_none_is_told():
    for place in ("s3a://bucket/out.csv", Path("GS://bucket/out.csv")):
        with pytest.raises(OutputError, match=r":// is not known; write one of"):
            outputs.refuse_output(place, force=True)


def test_places_that_are_no_file(tmp_path, taken):
    with pytest.raises(OutputError, match="no such directory"):
        outputs.refuse_output(tmp_path / "nowhere" / "out.csv", force=True)
    with pytest.raises(OutputError, match="no such directory"):
        outputs.refuse_output(taken / "out.csv", force=True)
    with pytest.raises(OutputError, match="is a directory"):
        outputs.refuse_output(tmp_path, force=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_directory_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="may not be written to"):
        outputs.refuse_output(tmp_path / "out.csv", force=True)
    tmp_path.chmod(0o700)


def test_a_folder_of_outputs(tmp_path, taken):
    chosen = ["results.json", "models/int8.molq"]
    outputs.refuse_folder(tmp_path / "new" / "deep", chosen, [taken], force=False)
    outputs.refuse_folder(tmp_path, chosen, [taken], force=False)
    with pytest.raises(OutputError, match=r"out\.csv is a file; choose another directory"):
        outputs.refuse_folder(taken, chosen, force=True)
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "int8.molq"
    for name in chosen:
        (tmp_path / name).write_text("{}")
        with pytest.raises(OutputError, match=rf"holds {name} already; .* `force`"):
            outputs.refuse_folder(tmp_path, chosen, force=False)
        outputs.refuse_folder(tmp_path, chosen, force=True)
        (tmp_path / name).rename(tmp_path / "aside")
    (tmp_path / "aside").rename(model)
    alias = tmp_path / "alias.molq"
    alias.hardlink_to(model)
    for source in (model, alias):
        with pytest.raises(OutputError, match=r"int8\.molq is an input and is not overwritten"):
            outputs.refuse_folder(tmp_path, chosen, [source], force=True)
    model.unlink()
    model.mkdir()
    with pytest.raises(OutputError, match="is a directory"):
        outputs.refuse_folder(tmp_path, chosen, force=True)
    model.rmdir()
    model.symlink_to("nothing")
    with pytest.raises(OutputError, match="already"):
        outputs.refuse_folder(tmp_path, chosen, force=False)
    model.unlink()
    model.parent.rmdir()
    model.parent.write_text("a file in the way")
    with pytest.raises(OutputError, match="models is a file"):
        outputs.refuse_folder(tmp_path, chosen, force=True)


def test_two_outputs_of_one_command_are_two_files(tmp_path):
    (tmp_path / "link").symlink_to("a.csv")
    outputs.refuse_outputs([tmp_path / "a.csv", tmp_path / "b.csv"], force=False)
    for other in ("a.csv", "A.csv", "link", "./a.csv"):
        with pytest.raises(OutputError, match="name one file"):
            outputs.refuse_outputs([tmp_path / "a.csv", f"{tmp_path}/{other}"], force=False)


def test_a_name_that_is_too_long_and_a_link_to_nowhere(tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\); choose another name"):
        outputs.refuse_output(tmp_path / ("n" * 256), force=True)
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(OutputError, match="nowhere: no such directory"):
        outputs.refuse_output(tmp_path / "link.csv", force=True)


STANDARD = """
import sys
from molq import outputs
from molq.errors import OutputError
from molq.remote.writing import put
try:
    outputs.refuse_output(sys.argv[1], ["-"], force=True)
    outputs.refuse_stdout(sys.argv[1:])
except OutputError as error:
    sys.exit(str(error))
"""


def test_standard_input_and_output_are_files_too(tmp_path, taken):
    def run(**streams) -> str:
        place = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", STANDARD, taken]
        return subprocess.run(command, stderr=subprocess.PIPE, text=True, env=place, **streams).stderr

    with taken.open("a+") as file:
        assert "is an input and is not overwritten" in run(stdin=file, stdout=subprocess.PIPE)
        assert "standard output leads into an input" in run(stdin=subprocess.DEVNULL, stdout=file)
    assert run(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) == ""
    assert taken.read_text() == "precious"
