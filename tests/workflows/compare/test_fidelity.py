from __future__ import annotations

import numpy as np
import pytest

from molq.workflows.compare.fidelity import logits, signal_to_noise


def test_signal_to_noise_is_that_of_its_definition():
    reference, noisy = np.array([[0.0], [2.0]]), np.array([[0.1], [2.1]])
    assert signal_to_noise(reference, noisy) == pytest.approx(20.0)
    assert signal_to_noise(reference, reference) is None
    assert np.isfinite(logits(np.array([[0.0], [1.0]], np.float32), "classification")).all()
