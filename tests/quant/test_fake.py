from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from molecules import DRUGS
from variety import VARIETY, named

from molq.chem.featurize import featurize
from molq.errors import UnsupportedError
from molq.nn.config import PredictorConfig
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.fake import FakeLinear, fake_quantized, integer, round_through
from molq.quant.scheme import SCHEMES, Scheme

GRAPHS = featurize(DRUGS).graphs
# the float model is the one that was rounded only when no scales migrate
SCHEMES_TO_LEARN = {
    name: replace(SCHEMES[name], equalize=False)
    for name in ("int8", "int8-dynamic", "int8-weight-only", "w4a16", "w3a8", "w2a8")
}


def logits(predictor: Predictor) -> torch.Tensor:
    return predictor(to_tensors(GRAPHS, predictor.feature_set))


def quantized_of(config: PredictorConfig, scheme: Scheme) -> tuple[Predictor, Predictor]:
    torch.manual_seed(0)
    exact = Predictor(config).eval()
    return exact, quantize(exact, scheme, [GRAPHS])


@pytest.mark.parametrize("scheme", SCHEMES_TO_LEARN)
@pytest.mark.parametrize("config", [VARIETY[0], VARIETY[5], VARIETY[7], VARIETY[9]], ids=named)
def test_it_starts_as_the_integers_it_came_from(config: PredictorConfig, scheme: str) -> None:
    exact, quantized = quantized_of(config, SCHEMES_TO_LEARN[scheme])
    for near in (None, exact):
        fake = fake_quantized(quantized, near)
        assert torch.equal(logits(fake), logits(quantized))
        back = integer(fake).state_dict()
        assert all(torch.equal(back[name], value) for name, value in quantized.state_dict().items())


@pytest.mark.parametrize("scheme", SCHEMES_TO_LEARN)
def test_what_was_learnt_is_what_is_exported(scheme: str) -> None:
    exact, quantized = quantized_of(VARIETY[0], SCHEMES_TO_LEARN[scheme])
    fake = fake_quantized(quantized)
    optimizer = torch.optim.Adam(fake.parameters(), lr=1e-2)
    errors = []
    for _ in range(8):
        error = (logits(fake) - logits(exact).detach()).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    exported = integer(fake)
    assert torch.equal(logits(exported), logits(fake))
    for name, layer in fake.named_modules():
        if isinstance(layer, FakeLinear):
            before, after = quantized.get_submodule(name), exported.get_submodule(name)
            assert not torch.equal(before.weight, after.weight)
            assert not torch.equal(before.weight_scale, after.weight_scale)
            assert (after.integers().short().abs() <= 127).all()
            if layer.activations == "static":
                assert not torch.equal(before.input_scale, after.input_scale)
    assert len(set(errors)) == len(errors)


def test_weights_start_within_half_a_step_of_their_codes_and_nearer_to_the_float_weights() -> None:
    exact, quantized = quantized_of(VARIETY[0], SCHEMES_TO_LEARN["w2a8"])
    at_codes, near = (fake_quantized(quantized, start).encoder.W_h.weight for start in (None, exact))
    weight = exact.encoder.W_h.weight
    assert (near - weight).abs().mean() < 0.5 * (at_codes - weight).abs().mean()


def test_rounding_passes_gradients_and_clamping_does_not() -> None:
    x = torch.tensor([-1.6, 0.5, 1.5, 2.4], requires_grad=True)
    rounded = round_through(x)
    torch.clamp(rounded, -1, 2).sum().backward()
    assert rounded.tolist() == [-2, 0, 2, 2]
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1, 1, 1]


def test_the_gradient_of_a_range_is_that_of_learned_step_sizes() -> None:
    """Esser et al. (2020), equation 3, for inputs inside and beyond the range."""
    _, quantized = quantized_of(VARIETY[0], SCHEMES["int8"])
    layer = fake_quantized(quantized).encoder.W_h
    scale = layer.input_scale[0]
    x = torch.zeros(1, layer.in_features)
    x[0, 0], x[0, 1] = 10.3 * scale, 400 * scale
    layer(x)[0, 0].backward()
    w = layer.codes()[0] * layer.weight_scale()[0]
    expected = (w[0] * (10 - 10.3) + w[1] * 255) * scale
    assert layer.input_factor.grad[0].item() == pytest.approx(expected.item(), rel=1e-3)


def test_models_without_integers_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="no integer weights"):
        fake_quantized(quantize(Predictor(VARIETY[0]), SCHEMES["fp16"]))
