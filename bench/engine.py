"""Time of one forward pass, molq's schemes against other ways to run the same D-MPNN: one thread, same batches.

Every contender gets the same packed molecules in the same batches and must return the same scores; parsing and
featurization are outside the clock, building the input tensors of a contender too. molq starts every round with empty
tables and sees every molecule once, as in a screen. Rounds alternate the order; the figure is the median.

    python bench/engine.py                          all widths
    python bench/engine.py --widths 300 --molecules 20000
    ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI python bench/engine.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from untrained import models

from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs, slice_graphs
from molq.chem.table import read_table
from molq.data.locate import locate
from molq.engine.engine import Engine
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import SCHEMES

BATCH = 64
WIDTHS = {300: (3, 4096), 600: (3, 2048), 1200: (3, 512), 2048: (6, 128)}
"""width → (depth, molecules)"""


class Contender(NamedTuple):
    """One way to run the model; ``start`` gives a fresh runner from batch number to scores [n, T]."""

    name: str
    start: Callable[[], Callable[[int], NDArray[np.float32]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, nargs="+", default=list(WIDTHS))
    parser.add_argument("--datasets", nargs="+", default=["moses-test", "hiv"])
    parser.add_argument("--molecules", type=int, help="molecules per dataset; a default per width otherwise")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], help="contenders to leave out, by the start of their name")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(
        f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, one thread, batches of {BATCH}, ",
        end="",
    )
    print(f"ONEDNN_MAX_CPU_ISA={os.environ.get('ONEDNN_MAX_CPU_ISA', 'unset')}, median of {options.rounds} rounds")
    for width in options.widths:
        depth, n = WIDTHS[width]
        with tempfile.TemporaryDirectory() as folder:
            module, predictor = models(width, depth, Path(folder))
            for name in options.datasets:
                batches = list(molecules(name, options.molecules or n))
                calibration = featurize(smiles(name, 500)[-200:]).graphs
                rivals = contenders(module, predictor, batches, calibration, Path(folder), tuple(options.skip))
                report(f"{name}, width {width}, depth {depth}", rivals, batches, options.rounds)


def contenders(
    module: Any, predictor: Predictor, batches: list[PackedGraphs], calibration: PackedGraphs, folder: Path,
    skip: tuple[str, ...],
) -> list[Contender]:  # fmt: skip
    """All ways to run the model that work on this machine; one that does not is named with its reason."""
    tensors = [to_tensors(batch, predictor.feature_set) for batch in batches]
    makers: dict[str, Callable[[], Callable[[], Callable[[int], NDArray[np.float32]]]]] = {
        "torch eager fp32": lambda: lambda: eager(predictor, tensors),
        "torch.compile fp32": lambda: compiled(predictor, tensors),
        "ONNX Runtime fp32": lambda: onnx_runtime(predictor, tensors, folder, quantized=False),
        "ONNX Runtime int8 dynamic": lambda: onnx_runtime(predictor, tensors, folder, quantized=True),
        "chemprop module": lambda: chemprop_module(module, tensors),
        **{f"molq {name}": partial(ours, predictor, name, batches, calibration) for name in SCHEMES},
    }
    made = []
    for name, maker in makers.items():
        if skip and name.startswith(skip):
            continue
        try:
            start = maker()
            start()(0)
        except Exception as error:  # a rival that cannot run here is reported, not hidden
            print(f"  {name} does not run here: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
            continue
        made.append(Contender(name, start))
    return made


def eager(predictor: Predictor, tensors: list[Any]) -> Callable[[int], NDArray[np.float32]]:
    @torch.inference_mode()
    def run(i: int) -> NDArray[np.float32]:
        return predictor.activate(predictor(tensors[i])).numpy()

    return run


def compiled(predictor: Predictor, tensors: list[Any]) -> Callable[[], Callable[[int], NDArray[np.float32]]]:
    program = torch.compile(wrapped(predictor), dynamic=True)

    @torch.inference_mode()
    def run(i: int) -> NDArray[np.float32]:
        return program(*tensors[i][:5], torch.empty(tensors[i].n_mols)).numpy()

    for i in (0, len(tensors) // 2):
        run(i)
    return lambda: run


def onnx_runtime(
    predictor: Predictor, tensors: list[Any], folder: Path, quantized: bool
) -> Callable[[], Callable[[int], NDArray[np.float32]]]:
    import onnxruntime

    path = folder / "model.onnx"
    if not path.exists():
        names = ("x", "bond_attr", "src", "dst", "batch", "mols")
        dim = dict.fromkeys(names, torch.export.Dim.DYNAMIC)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                wrapped(predictor), (*tensors[0][:5], torch.empty(tensors[0].n_mols)), path, dynamo=True,
                input_names=names, dynamic_shapes=tuple({0: dim[name]} for name in names), verbose=False,
            )  # fmt: skip
    if quantized:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(path, folder / "int8.onnx", weight_type=QuantType.QInt8, per_channel=True)
        path = folder / "int8.onnx"
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    inputs = [i.name for i in session.get_inputs()]
    feeds = [
        dict(zip(inputs, [t.numpy() for t in b[:5]] + [np.empty(b.n_mols, np.float32)], strict=True)) for b in tensors
    ]
    return lambda: lambda i: session.run(None, feeds[i])[0]


def chemprop_module(module: Any, tensors: list[Any]) -> Callable[[], Callable[[int], NDArray[np.float32]]]:
    from chemprop.featurizers.molgraph.molecule import BatchCuikMolGraph

    def graph(b: Any) -> Any:
        edges = b.bond_attr.repeat_interleave(2, dim=0)
        return BatchCuikMolGraph(b.x, edges, torch.stack([b.src, b.dst]), torch.arange(len(edges)) ^ 1, b.batch)

    graphs = [graph(b) for b in tensors]

    @torch.inference_mode()
    def run(i: int) -> NDArray[np.float32]:
        return module(graphs[i]).numpy()

    return lambda: run


def ours(
    predictor: Predictor, scheme: str, batches: list[PackedGraphs], calibration: PackedGraphs
) -> Callable[[], Callable[[int], NDArray[np.float32]]]:
    model = quantize(predictor, SCHEMES[scheme], [calibration])

    def start() -> Callable[[int], NDArray[np.float32]]:
        engine = Engine(model)
        return lambda i: engine.scores(batches[i])

    return start


class wrapped(torch.nn.Module):
    """The predictor as a function of tensors alone, for compilers."""

    def __init__(self, predictor: Predictor) -> None:
        super().__init__()
        self.predictor = predictor

    def forward(self, x: Any, bond_attr: Any, src: Any, dst: Any, batch: Any, mols: Any) -> torch.Tensor:
        from molq.nn.graph import GraphTensors

        graph = GraphTensors(x, bond_attr, src, dst, batch, mols.shape[0], x.new_zeros((mols.shape[0], 0)))
        return self.predictor.activate(self.predictor(graph))


def report(title: str, rivals: list[Contender], batches: list[PackedGraphs], rounds: int) -> None:
    """Print µs per molecule, the ratio to torch eager fp32, and the error of the logits relative to their spread."""
    n = sum(batch.n_mols for batch in batches)
    times: dict[str, list[float]] = {rival.name: [] for rival in rivals}
    scores: dict[str, NDArray[np.float64]] = {}
    for k in range(rounds):
        for rival in rivals if k % 2 == 0 else rivals[::-1]:
            run = rival.start()
            start = time.perf_counter()
            parts = [run(i) for i in range(len(batches))]
            times[rival.name].append((time.perf_counter() - start) / n * 1e6)
            scores[rival.name] = logit(np.concatenate(parts))
    exact = scores[rivals[0].name]
    base = float(np.median(times[rivals[0].name]))
    print(f"\n{title}: {n} molecules, {len(batches[0].atoms) / batches[0].n_mols:.1f} heavy atoms on average\n")
    print("| | µs/molecule | × torch eager fp32 | error / spread of logits |\n|---|---|---|---|")
    for rival in rivals:
        median = float(np.median(times[rival.name]))
        error = np.sqrt(np.mean((scores[rival.name] - exact) ** 2)) / exact.std()
        print(f"| {rival.name} | {median:.1f} | {base / median:.2f} | {error:.1e} |", flush=True)


def logit(p: NDArray[np.float32]) -> NDArray[np.float64]:
    q = p.astype(np.float64)
    return np.log(q / (1 - q))


def smiles(name: str, n: int) -> list[str]:
    return read_table(locate(name)).read_smiles[:n]


def molecules(name: str, n: int) -> Iterator[PackedGraphs]:
    graphs = featurize(smiles(name, n)).graphs
    for start in range(0, graphs.n_mols, BATCH):
        yield slice_graphs(graphs, start, start + BATCH)


if __name__ == "__main__":
    main()
