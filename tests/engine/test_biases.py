import numpy as np
import torch
from msgspec.structs import replace
from variety import VARIETY, network

from molq.engine.biases import Biases


def test_without_padding_every_update_has_the_bias_and_nothing_else_changes():
    for config in (VARIETY[0], replace(VARIETY[0], bias=True)):
        encoder = network(config).encoder
        biases = Biases(encoder, 32)
        plain = np.zeros(32) if encoder.b_h is None else encoder.b_h.detach().numpy()
        np.testing.assert_array_equal(biases.updates, [plain, plain])
        rows = np.ones((2, 32), np.float32)
        biases.take_off(0, rows)
        biases.fill_up(np.array([0, 1, 3]), rows)
        assert (rows == 1).all()


def test_an_update_adds_a_term_for_each_edge_that_a_list_is_short_of():
    """As ``Padding`` does: 2 of the 3 messages that an edge may hear leave one term, 3 of 4 neighbours one more."""
    encoder = network(replace(VARIETY[0], bias=True, padded_degree=4)).encoder
    biases, padding = Biases(encoder, 32), encoder.padding
    messages = np.zeros((2, 32), np.float32)
    biases.take_off(1, messages)
    expected = encoder.b_h.detach() + padding.b_h[1]
    torch.testing.assert_close(torch.from_numpy(biases.updates[1] + messages.sum(0)), expected)
    h = np.zeros((2, 32), np.float32)
    biases.fill_up(np.array([0, 3, 8]), h)
    torch.testing.assert_close(torch.from_numpy(h), torch.stack([padding.b_o, -padding.b_o]))
