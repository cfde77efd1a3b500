from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from molq.errors import CheckpointError
from molq.interop.training_options import options_beside
from molq.nn.config import default_config

WRITTEN = """batch-size = 16
accelerator = cpu
add-h = true
data-path = [data/lipo.csv]
message-hidden-dim = [64]
multi-hot-atom-featurizer-mode = V2
molecule-featurizers = [morgan_binary, rdkit_2d]
task-type = regression
depth = [3]
aggregation = norm
split-sizes = [0.8, 0.1, 0.1]
"""
CONFIG = default_config("dmpnn", ("y",), "regression", d_h=64)


def beside(folder: Path, text: str | bytes, checkpoint: str = "out/model_0/best.pt", config: str = "out/config.toml"):
    path = folder / checkpoint
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    content = text.encode() if isinstance(text, str) else text
    (folder / config).write_bytes(content)
    return options_beside(path)


def test_what_chemprop_writes_is_read(tmp_path):
    options = beside(tmp_path, WRITTEN)
    assert options.path == tmp_path / "out" / "config.toml"
    assert options.flag("add-h")
    assert not options.flag("keep-h")
    assert options.words("molecule-featurizers") == ("morgan_binary", "rdkit_2d")
    assert options.words("descriptors-columns") == ()
    options.require_of(CONFIG)


@pytest.mark.parametrize(
    ("checkpoint", "config"),
    [
        ("best.pt", "config.toml"),
        ("model_0/best.pt", "config.toml"),
        ("model_3/checkpoints/last.ckpt", "config.toml"),
        ("replicate_1/model_0/checkpoints/best-epoch=3-val_loss=0.1.ckpt", "config.toml"),
        ("best_checkpoint.ckpt", "best_config.toml"),
    ],
)
def test_it_lies_where_chemprop_writes_it(tmp_path, monkeypatch, checkpoint, config):
    assert beside(tmp_path, WRITTEN, checkpoint, config).path == tmp_path / config
    monkeypatch.chdir(tmp_path)
    assert options_beside(Path(checkpoint)).path == Path(config)


def test_a_file_of_another_folder_or_program_says_nothing(tmp_path):
    assert beside(tmp_path, WRITTEN, "mine/best.pt", "config.toml") is None
    assert beside(tmp_path, '[tool]\nname = "mine"\n', "other/best.pt", "other/config.toml") is None
    assert options_beside(tmp_path / "absent" / "best.pt") is None


def test_a_link_to_a_checkpoint_has_the_options_of_the_checkpoint(tmp_path):
    beside(tmp_path, WRITTEN)
    (tmp_path / "links").mkdir()
    os.symlink(tmp_path / "out" / "model_0" / "best.pt", tmp_path / "links" / "mine.pt")
    assert options_beside(tmp_path / "links" / "mine.pt").flag("add-h")


def test_other_spellings_that_chemprop_reads_too(tmp_path):
    text = "# options\n[section]\n---\n--add-h\nkeep-h: True\nignore-stereo = 'false'  # not\nreorder-atoms yes\n"
    options = beside(tmp_path, text)
    assert [options.flag(name) for name in ("add-h", "keep-h", "ignore-stereo", "reorder-atoms")] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ("multi-hot-atom-featurizer-mode = organic", "states multi-hot-atom-featurizer-mode ORGANIC, .* holds V2"),
        ("task-type = classification", "states task-type classification, .* holds regression"),
        ("message-hidden-dim = [300]", "states message-hidden-dim 300, and the checkpoint holds 64"),
        ("depth = 5.0", "states depth 5, and the checkpoint holds 3"),
        ("aggregation = mean", "states aggregation mean, and the checkpoint holds norm"),
    ],
)
def test_what_contradicts_the_checkpoint_is_refused_naming_both(tmp_path, changes, words):
    options = beside(tmp_path, WRITTEN + changes)
    with pytest.raises(CheckpointError, match=words) as caught:
        options.require_of(CONFIG)
    assert str(caught.value).startswith(str(options.path))


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("descriptors-path = lipo.npz", r"numbers for each molecule from a file \(--descriptors-path lipo.npz, says /"),
        ("atom-features-path = [0, a.npz]", r"numbers for each atom from a file \(--atom-features-path"),
    ],
)
def test_inputs_that_no_smiles_gives_are_refused_by_the_name_of_their_option(tmp_path, option, words):
    beside(tmp_path, WRITTEN).require_smiles_alone()
    with pytest.raises(CheckpointError, match=words):
        beside(tmp_path, WRITTEN + option).require_smiles_alone()


def test_a_network_that_began_as_another_files_is_not_held_to_the_options(tmp_path):
    options = beside(tmp_path, WRITTEN + "from-foundation = CheMeleon\n")
    options.require_of(replace(CONFIG, d_h=2048, depth=6))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe" * 9, "cannot be read .it is no text.; take the file away"),
        (b"add-h = true\0", "something larger or other; take the file away"),
        (b"add-h = true\n" * 100_000, "something larger or other"),
    ],
)
def test_a_hostile_file_is_one_line(tmp_path, content, words):
    with pytest.raises(CheckpointError, match=words) as caught:
        beside(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_hostile_value_is_one_line(tmp_path):
    options = beside(tmp_path, "add-h = " + "\x1b[2J" * 9_000 + "\ndepth = " + "[" * 50_000 + "\n")
    with pytest.raises(CheckpointError, match=r"add-h is .* and must be true or false") as caught:
        options.flag("add-h")
    assert len(str(caught.value)) < 1000
    assert "\x1b" not in str(caught.value)


def test_a_file_that_takes_long_to_match_there_is_none(tmp_path):
    begun = time.process_time()
    options = beside(tmp_path, "task-type" + " " * 500_000 + "x\n" + "a" * 500_000 + "\n")
    assert options.words("task-type") == ("x",)
    assert time.process_time() - begun < 2


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "config.toml")
    assert options_beside(tmp_path / "best.pt") is None
