"""Biases of message passing, with what padding edges add to them (``molq.nn.mpnn.Padding``).

An update adds (k − n)·c where n messages arrive of the k that a filled list would bring. So c is taken off every
message, and k·c joins the bias of the update: no kernel has to know of padding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molq.nn.mpnn import AMPNN, DMPNN

F32 = NDArray[np.float32]


class Biases:
    """Of every update, [T, d] in ``updates``; the rest changes nothing where there is no padding."""

    def __init__(self, encoder: DMPNN | AMPNN, d: int) -> None:
        b_h, padding = encoder.b_h, encoder.padding
        plain = np.zeros(d, np.float32) if b_h is None else b_h.detach().numpy()
        self.updates: F32 = np.tile(plain, (encoder.depth - 1, 1))
        self._heard: F32 | None = None
        if padding is not None:
            self._heard, self._b_o, self._degree = padding.b_h.numpy(), padding.b_o.numpy(), np.float32(padding.degree)
            self.updates += np.float32(encoder.n_heard(padding.degree)) * self._heard

    def take_off(self, t: int, messages: F32) -> None:
        """Takes off what padding adds less for each message of update ``t`` [m, d] that is heard."""
        if self._heard is not None:
            messages -= self._heard[t]

    def fill_up(self, ptr: NDArray[np.signedinteger], h: F32) -> None:
        """Adds to atom states h [m, d] what padding adds to atoms with as many neighbours as ``ptr`` [m + 1] says."""
        if self._heard is not None:
            h += (self._degree - np.diff(ptr).astype(np.float32))[:, None] * self._b_o
