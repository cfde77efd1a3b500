"""A file that is no model is told what it is."""

import json
import pickle

import numpy as np
import pytest
import torch
from chemprop import models, nn
from chemprop_networks import refused as model_refused

from molq.interop.foreign import foreign_file, foreign_root

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")


def safetensors(metadata):
    header = json.dumps({"__metadata__": metadata, "w": {}}).encode()
    return len(header).to_bytes(8, "little") + header


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "it is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull"),
        (b"\x1f\x8b\x08\x00", "compressed; unpack"),
        (bytes(257) + b"ustar", "tar archive; unpack"),
        (safetensors({"molq": "{}"}), "a .molq model already"),
        (safetensors({"format": "pt"}), "safetensors file, tensors without the hyper-parameters"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.4.0", "ONNX"),
        (b"\x08\x0a:8\n\x0c\n\x01x\x12\x01y", "ONNX"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (pickle.dumps({"a": 1}), "plain pickle, which torch did not write"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"smiles,y\nCC,1\n", "text file"),
        (b"\x00\x01\x02", "begins as no file of torch"),
    ],
)
def test_a_file_is_told_what_it_is(head, words):
    assert words in foreign_file(head)


def test_a_molq_file_is_known(small_molq):
    assert "a .molq model already" in foreign_file(small_molq.read_bytes()[:4096])


@pytest.fixture
def small_molq(tmp_path):
    import molq

    molq.load("bace-dmpnn").save(tmp_path / "m.molq")
    return tmp_path / "m.molq"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (torch.ones(2), "a single tensor"),
        ([1, 2], "its content is a list"),
        ({}, "it holds nothing"),
        ({"epoch": 1, "x\x1b[2J": 2}, r"it holds 'epoch', 'x\\x1b\[2J'"),
        (dict(torch.nn.Linear(2, 2).state_dict()), r"a bare state dict of 2 tensors \('weight', 'bias'\)"),
        (torch.nn.Linear(2, 2).state_dict(), r"a bare state dict of 2 tensors \('weight', 'bias'\)"),
        ({"gnns.0.mlp.0.weight": torch.ones(2, 2)}, "pretrain-gnns"),
        ({"state_dict": {"a": torch.ones(1)}, "epoch": 3}, "weights and no hyper-parameters"),
        ({"model_state_dict": {"a": torch.ones(1)}}, "weights and no hyper-parameters"),
    ],
)
def test_what_a_torch_file_holds_is_told(tmp_path, content, words):
    model_refused(tmp_path / "foreign.pt", content, words)


def test_a_foundation_model_is_known(tmp_path):
    passing = nn.BondMessagePassing(d_h=8)
    content = {"hyper_parameters": dict(passing.hparams), "state_dict": passing.state_dict()}
    model_refused(tmp_path / "foundation.pt", content, "a block of message passing alone")


def test_a_whole_chemprop_model_is_told_how_to_save_itself(tmp_path):
    model = models.MPNN(nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.RegressionFFN(input_dim=8))
    model_refused(
        tmp_path / "whole.pt", model, r"a pickled chemprop\.models\.model\.MPNN.*chemprop\.models\.save_model"
    )


def test_messages_stay_short_whatever_a_file_holds():
    assert len(foreign_root({"x" * 10_000_000: 1, "y" * 10_000_000: 2})) < 300
    assert len(foreign_file(np.random.default_rng(0).bytes(4096))) < 300
