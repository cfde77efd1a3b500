import pytest
import torch

from molq.errors import CheckpointError
from molq.interop.checkpoint import read_checkpoint


def test_what_is_refused_is_refused_with_the_name_of_the_file(tmp_path):
    for name, content, words in (
        ("list.pt", [1, 2], "it holds no model"),
        ("weights.pt", {"W_i.weight": torch.ones(2, 2)}, "it is a bare state dict"),
    ):
        torch.save(content, tmp_path / name)
        with pytest.raises(CheckpointError) as caught:
            read_checkpoint(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: {words}")
        assert str(caught.value).count(name) == 1
    with pytest.raises(CheckpointError, match="no such file"):
        read_checkpoint(tmp_path / "absent.pt")
