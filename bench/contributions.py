"""Do atoms' parts add up, and do they say what is true? The tables of docs/contributions.md.

    python bench/contributions.py         # three minutes of one core: three small networks are trained

Truth is known twice. Crippen's log P is a sum over atoms, so a network that learnt it should give it back atom by atom;
and a network that learnt to tell whether a molecule holds a sulfonamide should point at the sulfonamide. Ways to give
atoms parts are compared on molecules that no network saw. Writes bench/out/contributions-*.md.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from sklearn.metrics import roc_auc_score
from torch import Tensor

import molq
from molq.chem.featurize import graphs_of
from molq.chem.packed import slice_graphs, take
from molq.data.labels import read_labelled
from molq.data.sources import library_smiles
from molq.data.splits import make_split
from molq.engine.engine import Engine
from molq.nn.config import default_config
from molq.nn.graph import to_tensors
from molq.nn.predictor import Predictor
from molq.report.table import Table
from molq.training.config import TrainConfig
from molq.training.loop import train
from molq.workflows.contributions import contributions_of

F64 = NDArray[np.float64]
OUT = Path(__file__).resolve().parent / "out"
MODELS = ("bace-dmpnn", "esol-dmpnn")
SCHEMES = ("fp32", "fp16", "bf16", "int8-dynamic", "int8", "w4a8")
CALIBRATED = ("int8", "w4a8")
GROUP = Chem.MolFromSmarts("S(=O)(=O)[NX3]")
N_SUMS, N_TRAIN, N_ASKED, N_HOLDING = 1000, 2500, 400, 120


class Explained(NamedTuple):
    """Parts [N] of a molecule's atoms, the output of no atoms, and the output."""

    atoms: F64
    nothing: float
    output: float

    @property
    def gap(self) -> float:
        """How far the parts are from adding up."""
        return abs(self.nothing + float(self.atoms.sum()) - self.output)


Way = Callable[[Predictor, Sequence[str]], list[Explained]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES))
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    library = library_smiles("zinc-sample")
    for name in options.only:
        table = TABLES[name](library, options.epochs).to_markdown()
        (OUT / f"contributions-{name}.md").write_text(table + "\n", encoding="utf-8")
        print(table, end="\n\n", flush=True)


def sums_table(library: Sequence[str], _epochs: int) -> Table:
    """How much of an output rounding keeps from the atoms, and what it costs to ask."""
    rows = []
    for name in MODELS:
        model = molq.load(name)
        for scheme in SCHEMES:
            calibset = molq.calibration_set("zinc-sample", size=200) if scheme in CALIBRATED else None
            made = model if scheme == "fp32" else model.quantize(scheme, calibset)
            engine = Engine(made._loaded.network)
            contributions_of(engine, library[:50])
            started = time.process_time()
            found = [one for one in contributions_of(engine, library[:N_SUMS]).found if one]
            seconds = time.process_time() - started
            rounding = np.abs([one.rounding for one in found])
            outputs = np.array([one.output for one in found])
            cells = (f"{np.median(rounding):.1e}", f"{rounding.max():.1e}", f"{outputs.std():.2f}")
            rows.append((name, scheme, *cells, f"{len(found) / seconds:,.0f}"))
    header = ("model", "scheme", "left by rounding, median", "most", "SD of outputs", "molecules/s")
    return Table(header, tuple(rows), left=(1,))


def trained(
    smiles: Sequence[str], label: Callable[[str], float], kind: str, head: tuple[int, ...], epochs: int
) -> Predictor:
    """A D-MPNN of width 160 that learnt ``label``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("smiles", "y"), *((text, label(text)) for text in smiles)])
        data = read_labelled(path, tasks=["y"], kind=kind)
    config = default_config("dmpnn", ("y",), kind, d_h=160, head_hidden=head)
    made = train(config, data, make_split(data.smiles, "random", 0, (0.9, 0.05, 0.05)), TrainConfig(epochs=epochs))
    return made.network.members[0]


def log_p(smiles: str) -> float:
    return float(sum(atom_log_p(smiles)))


def atom_log_p(smiles: str) -> F64:
    """Of each heavy atom with its hydrogens (Wildman and Crippen 1999)."""
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    parts = np.array([part for part, _ in rdMolDescriptors._CalcCrippenContribs(mol)])
    owners = [a.GetNeighbors()[0].GetIdx() if a.GetAtomicNum() == 1 else a.GetIdx() for a in mol.GetAtoms()]
    return np.bincount(owners, weights=parts).astype(np.float64)


def holds_group(smiles: str) -> float:
    return float(Chem.MolFromSmiles(smiles).HasSubstructMatch(GROUP))


def molq_atoms(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
    """What molq gives as the parts of atoms."""
    found = contributions_of(Engine(predictor), smiles).found
    return [Explained(np.array(one.atoms), one.baseline - one.rounding, one.output) for one in found if one]


def molq_environments(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
    """What molq gives as those of the environments around them."""
    found = contributions_of(Engine(predictor), smiles).found
    return [Explained(np.array(one.environments), one.baseline - one.rounding, one.output) for one in found if one]


def read_out(predictor: Predictor, smiles: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Terms [N, d] whose sums [n, d] the head reads, the molecule of each, and the sums."""
    graph = to_tensors(graphs_of(smiles, predictor.recipe), predictor.feature_set)
    with torch.no_grad():
        terms = predictor.encoder(graph) / predictor.config.readout_norm
    z = torch.zeros(graph.n_mols, terms.shape[1]).index_add(0, graph.batch, terms)
    return terms, graph.batch, z


def output(predictor: Predictor, z: Tensor) -> Tensor:
    return predictor.head(z)[:, 0] * predictor.output_scale[0] + predictor.output_mean[0]


def per_molecule(predictor: Predictor, parts: Tensor, batch: Tensor, z: Tensor) -> list[Explained]:
    with torch.no_grad():
        outputs, nothing = output(predictor, z).tolist(), float(output(predictor, torch.zeros(1, z.shape[1])))
    groups = np.split(parts.double().numpy(), np.cumsum(np.bincount(batch.numpy()))[:-1])
    return [Explained(atoms, nothing, value) for atoms, value in zip(groups, outputs, strict=True)]


def integral(steps: int) -> Way:
    """Integrated gradients from no atoms, by the midpoint rule."""

    def parts(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
        terms, batch, z = read_out(predictor, smiles)
        slopes = torch.zeros_like(z)
        for step in range(steps):
            point = (z * ((step + 0.5) / steps)).requires_grad_()
            slopes += torch.autograd.grad(output(predictor, point).sum(), point)[0] / steps
        return per_molecule(predictor, (terms * slopes[batch]).sum(1), batch, z)

    return parts


def gradient(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
    """The slope at the molecule itself, times each atom's vector."""
    terms, batch, z = read_out(predictor, smiles)
    point = z.clone().requires_grad_()
    slopes = torch.autograd.grad(output(predictor, point).sum(), point)[0]
    return per_molecule(predictor, (terms * slopes[batch]).sum(1), batch, z)


def left_out(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
    """The output without an atom's vector."""
    terms, batch, z = read_out(predictor, smiles)
    with torch.no_grad():
        parts = output(predictor, z)[batch] - output(predictor, z[batch] - terms)
    return per_molecule(predictor, parts, batch, z)


def masked(predictor: Predictor, smiles: Sequence[str]) -> list[Explained]:
    """The output of a molecule one atom of which has no features: a pass of the whole network for each atom."""
    _, batch, z = read_out(predictor, smiles)
    graphs = graphs_of(smiles, predictor.recipe)
    parts = []
    for k in range(graphs.n_mols):
        one = slice_graphs(graphs, k, k + 1)
        n = len(one.atoms)
        graph = to_tensors(take(one, np.zeros(n, np.int64)), predictor.feature_set)
        x = graph.x.clone()
        x[torch.arange(n) * (n + 1)] = 0
        with torch.no_grad():
            parts.append(output(predictor, z[k : k + 1]) - output(predictor, predictor.pool(graph._replace(x=x))))
    return per_molecule(predictor, torch.cat(parts), batch, z)


WAYS: dict[str, Way] = {
    "**atoms** (molq)": molq_atoms,
    "**environments** (molq)": molq_environments,
    "environments, integral of 200 steps": integral(200),
    "environments, integral of 10 steps": integral(10),
    "environments, gradient × vector": gradient,
    "environments, vector left out": left_out,
    "atom masked in the input": masked,
}


def crippen_table(library: Sequence[str], epochs: int) -> Table:
    asked = library[-N_ASKED:]
    heads = ((300,), (300, 300, 300))
    networks = {str(len(head)): trained(library[:N_TRAIN], log_p, "regression", head, epochs) for head in heads}
    truth = [atom_log_p(text) for text in asked]
    around = [with_neighbours(text, parts) for text, parts in zip(asked, truth, strict=True)]
    rows = []
    for depth, network in networks.items():
        exact = molq_atoms(network, asked)
        outputs, labels = np.array([one.output for one in exact]), np.array([t.sum() for t in truth])
        r2 = 1 - ((outputs - labels) ** 2).mean() / labels.var()
        for name, way in WAYS.items():
            found = way(network, asked)
            atoms = [one.atoms for one in found]
            near = [with_neighbours(text, parts) for text, parts in zip(asked, atoms, strict=True)]
            rows.append(
                (
                    f"{name}",
                    f"{depth} (R² {r2:.2f})",
                    *gaps(found, outputs.std()),
                    correlation(atoms, truth),
                    correlation(near, around),
                )
            )
    header = ("way", "hidden layers", "gap, median", "most", "r by atom", "r by atom and neighbours")
    return Table(header, tuple(rows))


def group_table(library: Sequence[str], epochs: int) -> Table:
    network, asked = trained(library[:N_TRAIN], holds_group, "classification", (300,), epochs), library[-N_ASKED:]
    outputs = np.array([one.output for one in molq_atoms(network, asked)])
    labels = np.array([holds_group(text) for text in asked])
    auc = roc_auc_score(labels, outputs)
    holding = [text for text in library[N_TRAIN:] if holds_group(text)][:N_HOLDING]
    rows = []
    for name, way in WAYS.items():
        found = way(network, holding)
        aucs, best, near = [], [], []
        for text, one in zip(holding, found, strict=True):
            mol = Chem.MolFromSmiles(text)
            inside = np.zeros(len(one.atoms))
            inside[[atom for match in mol.GetSubstructMatches(GROUP) for atom in match]] = 1
            aucs.append(roc_auc_score(inside, one.atoms))
            best.append(inside[one.atoms.argmax()])
            near.append(with_neighbours(text, inside)[one.atoms.argmax()] > 0)
        cells = (f"{np.mean(aucs):.3f}", f"{np.mean(best):.0%}", f"{np.mean(near):.0%}")
        rows.append((name, *gaps(found, outputs.std()), *cells))
    said = f"atoms of the group first, AUC ({len(holding)} molecules; the network’s own AUC is {auc:.3f})"
    return Table(("way", "gap, median", "most", said, "strongest atom in it", "or beside it"), tuple(rows))


def gaps(found: Sequence[Explained], sd: float) -> tuple[str, str]:
    """Median and largest, in standard deviations of the outputs."""
    sizes = np.array([one.gap for one in found]) / sd
    return f"{np.median(sizes):.1e}", f"{sizes.max():.1e}"


def correlation(found: Sequence[F64], truth: Sequence[F64]) -> str:
    """Pearson's, over all atoms of all molecules."""
    return f"{np.corrcoef(np.concatenate(found), np.concatenate(truth))[0, 1]:.3f}"


def with_neighbours(smiles: str, parts: F64) -> F64:
    """Of each atom and those bound to it together."""
    adjacency = Chem.GetAdjacencyMatrix(Chem.MolFromSmiles(smiles))
    summed: F64 = parts + adjacency @ parts
    return summed


TABLES = {"sums": sums_table, "crippen": crippen_table, "group": group_table}

if __name__ == "__main__":
    main()
