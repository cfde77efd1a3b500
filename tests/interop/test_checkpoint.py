import pytest
import torch

from molq.errors import CheckpointError
from molq.interop.checkpoint import read_predictor


def test_what_is_refused_is_refused_with_the_name_of_the_file(tmp_path):
    for name, content in (("list.pt", [1, 2]), ("weights.pt", {"W_i.weight": torch.ones(2, 2)})):
        torch.save(content, tmp_path / name)
        with pytest.raises(CheckpointError, match="no chemprop v2 model") as caught:
            read_predictor(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: it holds no")
        assert str(caught.value).count(name) == 1
    with pytest.raises(CheckpointError, match="no such file"):
        read_predictor(tmp_path / "absent.pt")
