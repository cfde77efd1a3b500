from __future__ import annotations

import pytest
import torch

from molq.nn.torch_state import torch_state


class _Interrupted(torch.no_grad):
    """As an interruption in the last step of entering leaves it."""

    def __enter__(self) -> None:
        super().__enter__()
        raise KeyboardInterrupt


def test_what_was_set_is_put_back() -> None:
    before = torch.get_num_threads()
    with torch_state(before + 1, gradients=False):
        assert torch.get_num_threads() == before + 1
        assert not torch.is_grad_enabled()
    assert torch.get_num_threads() == before
    assert torch.is_grad_enabled()


def test_threads_stay_as_they_are_where_none_are_asked_for() -> None:
    before = torch.get_num_threads()
    with torch_state():
        assert torch.get_num_threads() == before


def test_work_that_needs_gradients_has_them_whatever_was_left() -> None:
    with torch.no_grad():
        with torch_state():
            assert torch.is_grad_enabled()
        assert not torch.is_grad_enabled()


def test_an_interruption_while_gradients_are_turned_off_leaves_them_on() -> None:
    with pytest.raises(KeyboardInterrupt), torch_state(), _Interrupted():
        pass
    assert torch.is_grad_enabled()


def test_threads_are_given_back_whatever_happens() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), torch_state(before + 1):
        raise KeyError
    assert torch.get_num_threads() == before
