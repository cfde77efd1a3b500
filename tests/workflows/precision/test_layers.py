from __future__ import annotations

from molq.nn.ensemble import from_members
from molq.quant.layers import layer_table
from molq.quant.scheme import get_scheme
from molq.workflows.precision.layers import layer_bytes, only, quantizable_layers, quantized


def test_only_one_layer_is_quantized(model, calibration_of_table):
    made = quantized(model.network, only(get_scheme("int8"), "encoder.W_h"), calibration_of_table)
    assert {row.name for row in layer_table(made) if row.weights != "fp32"} == {"encoder.W_h"}


def test_bytes_are_those_of_the_layers_of_all_members(model):
    members = [*model.network.members, *model.network.members]
    table = {row.name: row.n_bytes for row in layer_table(model.network)}
    assert layer_bytes(model.network) == table
    assert layer_bytes(from_members(members)) == {name: 2 * n for name, n in table.items()}
    assert set(quantizable_layers(model.network)) <= set(table)
