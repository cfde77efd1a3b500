from __future__ import annotations

from dataclasses import replace

import pytest

from molq.errors import InputError
from molq.quant.scheme import SCHEMES, get_scheme


def test_roles_choose_8_bits_unless_a_layer_is_named() -> None:
    scheme = get_scheme("w4a8").with_overrides(("encoder.W_o_atom", "w4a16"), ("head.*", "fp16"), ("head.x", "int8"))
    assert scheme.for_layer("encoder.W_h", "message").weights == "int4"
    assert scheme.for_layer("encoder.W_i_atom", "table").weights == "int8"
    assert scheme.for_layer("encoder.W_o_atom", "table").weights == "int4"
    assert scheme.for_layer("head.layers.1", "output").weights == "fp16"
    assert scheme.for_layer("head.x", "output").weights == "int8"


def test_what_needs_a_calibration_set() -> None:
    needs = {name for name, scheme in SCHEMES.items() if scheme.needs_calibration}
    assert needs == {"int8", "w4a8", "w3a8", "w2a8"}
    assert replace(get_scheme("int8-weight-only"), rounding="gptq").needs_calibration
    assert replace(get_scheme("int8-weight-only"), equalize=True).needs_calibration
    assert get_scheme("fp16").with_overrides(("head.*", "int8")).needs_calibration
    assert get_scheme("fp16").with_overrides(("head.*", "w4a8")).learns
    assert not get_scheme("int8").learns


def test_options_reach_overridden_layers() -> None:
    scheme = replace(get_scheme("int8"), rounding="adaround", observer="mse").with_overrides(("a", "w4a8"))
    assert scheme.for_layer("a").rounding == "adaround"
    assert replace(scheme, rounding="nearest").for_layer("a").rounding == "gptq"
    assert replace(get_scheme("w4a8"), rounding="nearest").for_layer("a").rounding == "nearest"


def test_observers_per_call_site() -> None:
    scheme = replace(
        get_scheme("int8"), observer="minmax", site_observers=(("encoder.W_h:*", "mse"), ("*:1", "entropy"))
    )
    assert scheme.observer_for("head.layers.0", 0) == "minmax"
    assert scheme.observer_for("encoder.W_h", 0) == "mse"
    assert scheme.observer_for("encoder.W_h", 1) == "entropy"


def test_unknown_names() -> None:
    with pytest.raises(InputError, match="int7"):
        get_scheme("int7")
    with pytest.raises(InputError, match="int7"):
        get_scheme("int8").with_overrides(("head.*", "int7"))
