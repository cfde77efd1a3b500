"""A network as an ONNX graph: packed molecules with their features in, scores out.

Integer products with a range per call site are written as QuantizeLinear and DequantizeLinear around a MatMul, which
onnxruntime executes in integers. Inputs with a range per row, and int8 weights of float inputs, are written out in
plain operators: onnxruntime's optimizer takes DequantizeLinear there for something else, and gives other scores.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from molq.chem.packed import PackedGraphs
from molq.errors import InputError, UnsupportedError
from molq.nn.ensemble import Network
from molq.nn.graph import GraphTensors, to_tensors
from molq.nn.scores import outputs_of, scores_of_outputs
from molq.quant.layers import HalfLinear, IntLinear
from molq.quant.observers import LEVELS

OPSET = 20
INPUTS = ("atoms", "bonds", "ends", "n_atoms", "extras")
"""float32 [N, d_v] and [B, d_e], int64 [B, 2] atom indices within the batch, int64 [n] atoms of each molecule, and for
models that take any, float32 [n, k] what molecules bring beside their graphs"""
OUTPUT = "scores"
NEEDED = "it needs onnxscript and onnxruntime; install them with `pip install molq[onnx]`"


def onnx_bytes(network: Network, example: PackedGraphs, metadata: Mapping[str, str]) -> bytes:
    """The file: scores float32 [n, C] of batches of any size; ``example`` is a batch with atoms and bonds.

    Raises UnsupportedError when the network has a part that ONNX cannot say, and InputError without onnxscript.
    """
    try:
        import onnxscript
    except ImportError as error:
        raise InputError(f"an ONNX file cannot be written: {NEEDED}") from error
    graph = _Graph(network).eval()
    given = feed(example, network.feature_set)
    rows = {0: torch.export.Dim.DYNAMIC}
    opset = getattr(onnxscript, f"opset{OPSET}")
    with _quietly():
        try:
            program: Any = torch.onnx.export(
                graph,
                tuple(map(torch.from_numpy, given.values())),
                dynamo=True,
                opset_version=OPSET,
                input_names=list(given),
                output_names=[OUTPUT],
                dynamic_shapes=(rows,) * len(given),
                custom_translation_table={
                    torch.ops.aten.index_add.default: partial(_index_add, opset),
                    torch.ops.molq.quantize_linear.default: opset.QuantizeLinear,
                    torch.ops.molq.dequantize_linear.default: lambda q, scale, zero, axis: opset.DequantizeLinear(
                        q, scale, zero, axis=axis
                    ),
                },
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            architecture = network.members[0].config.architecture
            raise UnsupportedError(f"{architecture} has a part that ONNX has no words for") from error
    for node in program.model.graph.all_nodes():  # stack traces, half a file of them, with the paths of this machine
        node.metadata_props.clear()
    program.model.metadata_props.update(metadata)
    written: bytes = program.model_proto.SerializeToString()
    return written


def _index_add(opset: Any, into: Any, _dim: int, index: Any, rows: Any) -> Any:
    """Sums by row. The exporter's own ScatterND loses rows where onnxruntime adds to one place from several threads."""
    if len(rows.shape) > 1:
        index = opset.Expand(opset.Unsqueeze(index, [1]), opset.Shape(rows))
    return opset.ScatterElements(into, index, rows, axis=0, reduction="add")


def feed(graphs: PackedGraphs, feature_set: str) -> dict[str, np.ndarray]:
    """The batch as the graph takes it, by the names of ``INPUTS``; without extras where the molecules have none."""
    tensors = to_tensors(graphs, feature_set)
    ends, n_atoms = graphs.ends.astype(np.int64), np.diff(graphs.atom_ptr).astype(np.int64)
    arrays: tuple[np.ndarray, ...] = (tensors.x.numpy(), tensors.bond_attr.numpy(), ends, n_atoms, graphs.extras)
    return {name: array for name, array in zip(INPUTS, arrays, strict=True) if name != "extras" or array.shape[1]}


class _Graph(nn.Module):
    """Scores [n, C] of the inputs, those of the members' mean outputs."""

    members: Any

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.members = nn.ModuleList(copy.deepcopy(member) for member in network.members)
        for member in self.members:
            for name, layer in list(member.named_modules()):
                if isinstance(layer, IntLinear):
                    member.set_submodule(name, _Static(layer) if layer.activations == "static" else _Plain(layer))
                elif isinstance(layer, HalfLinear) and layer.weights == "bf16":
                    raise UnsupportedError(
                        "bf16 products differ from runtime to runtime, so they are not exported; quantize to fp16"
                    )

    def forward(
        self, atoms: Tensor, bonds: Tensor, ends: Tensor, n_atoms: Tensor, extras: Tensor | None = None
    ) -> Tensor:
        first = torch.cumsum(n_atoms, 0) - n_atoms
        is_first = torch.zeros(atoms.shape[0], dtype=torch.int64).index_add(0, first, torch.ones_like(n_atoms))
        molecule = torch.cumsum(is_first, 0) - 1
        sources, n_mols = ends.reshape(-1), n_atoms.shape[0]
        extras = atoms.new_zeros(n_mols, 0) if extras is None else extras
        graph = GraphTensors(atoms, bonds, sources, ends.flip(1).reshape(-1), molecule, n_mols, extras)
        outputs = [
            outputs_of(member(graph), member.outputs, member.output_mean, member.output_scale)
            for member in self.members
        ]
        return scores_of_outputs(torch.stack(outputs).mean(0), self.members[0].outputs)


class _Static(nn.Module):
    """An IntLinear with a range per call site, as its ONNX operators."""

    weight: Tensor
    weight_scale: Tensor
    weight_zero: Tensor
    bias: Tensor | None
    input_scale: Tensor
    input_zero: Tensor

    def __init__(self, layer: IntLinear) -> None:
        super().__init__()
        self.register_buffer("weight", layer.integers().t().contiguous())
        self.register_buffer("weight_scale", layer.weight_scale)
        self.register_buffer("weight_zero", torch.zeros(layer.out_features, dtype=torch.int8))
        self.register_buffer("bias", layer.bias)
        self.register_buffer("input_scale", layer.input_scale)
        self.register_buffer("input_zero", layer.input_zero.to(torch.uint8))

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        scale, zero = self.input_scale[site], self.input_zero[site]
        codes = _quantize_linear(x, scale, zero)
        y = _dequantize_linear(codes, scale, zero, 1) @ _dequantize_linear(
            self.weight, self.weight_scale, self.weight_zero, 1
        )
        return y if self.bias is None else y + self.bias


class _Plain(nn.Module):
    """An IntLinear of float inputs, or of inputs with a range per row, in plain operators."""

    weight: Tensor
    weight_scale: Tensor
    bias: Tensor | None

    def __init__(self, layer: IntLinear) -> None:
        super().__init__()
        self.register_buffer("weight", layer.integers().t().contiguous())
        self.register_buffer("weight_scale", layer.weight_scale)
        self.register_buffer("bias", layer.bias)
        self.rounds_input = layer.activations is not None

    def forward(self, x: Tensor, site: int = 0) -> Tensor:
        scale = self.weight_scale
        if self.rounds_input:
            low, high = x.amin(1, keepdim=True).clamp(max=0), x.amax(1, keepdim=True).clamp(min=0)
            step = (high - low) / LEVELS
            step = torch.where(step > 0, step, torch.ones_like(step))
            zero = torch.round(-low / step)
            x = torch.clamp(torch.round(x * (1 / step)) + zero, 0, LEVELS) - zero
            scale = step * scale
        y = (x @ self.weight.float()) * scale
        return y if self.bias is None else y + self.bias


@torch.library.custom_op("molq::quantize_linear", mutates_args=())
def _quantize_linear(x: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
    raise NotImplementedError("it stands for an ONNX operator and is never run")


@torch.library.custom_op("molq::dequantize_linear", mutates_args=())
def _dequantize_linear(codes: Tensor, scale: Tensor, zero: Tensor, axis: int) -> Tensor:
    raise NotImplementedError("it stands for an ONNX operator and is never run")


@_quantize_linear.register_fake
def _(x: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
    return torch.empty_like(x, dtype=torch.uint8)


@_dequantize_linear.register_fake
def _(codes: Tensor, scale: Tensor, zero: Tensor, axis: int) -> Tensor:
    return torch.empty_like(codes, dtype=torch.float32)


@contextmanager
def _quietly() -> Iterator[None]:
    """What the exporter warns and logs of concerns nobody who exports."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
