"""What flows into every call site of a model, beside the range that its 8-bit codes cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molq.chem.packed import PackedGraphs
from molq.nn.linear import EXACT_INPUTS
from molq.nn.predictor import Predictor
from molq.quant.calibrate import Site, tensors, watching
from molq.quant.convert import KEEP_FLOAT
from molq.quant.histogram import Histogram
from molq.quant.layers import layer_table, matrix_layers
from molq.results.sensitivity import Channel, SiteActivations
from molq.workflows.precision.owners import owners, row_kinds

N_BARS = 64
OUTLIER_RATIO = 8.0
"""largest value of a channel over the median of all channels

Trained models reach less: D-MPNNs of BACE 3.6, ClinTox 2.9 and ESOL 6.2, ADMET-AI's first classifier 4.0, a small GINE
of BACE 3.1.
"""
N_NAMED = 10


def site_activations(
    predictor: Predictor,
    batches: Iterable[PackedGraphs],
    ranges: Mapping[Site, tuple[float, float]] | None = None,
    smiles: Sequence[str] | None = None,
) -> list[SiteActivations]:
    """Inputs of all matrix layers that may round them, in the order of the layers; ``predictor`` may be quantized.

    Observed in the reference forward pass. ``ranges`` None takes those of the predictor's own layers. With the
    ``smiles`` of all molecules, those that reach farthest are named.
    """
    chosen = chosen_ranges(predictor) if ranges is None else ranges
    layers = matrix_layers(predictor)
    watched = [name for name, layer in layers.items() if layer.role not in EXACT_INPUTS and name not in KEEP_FLOAT]
    sites = {
        (name, site): _Watch(layers[name].in_features, chosen.get((name, site)))
        for name in watched
        for site in range(layers[name].sites)
    }
    kinds = row_kinds(predictor, watched)
    n_done = 0
    for batch in batches:
        owner = owners(batch)

        def see(site: Site, x: Tensor, owner: Mapping[str, NDArray[np.int64]] = owner, start: int = n_done) -> None:
            of = owner.get(kinds.get(site, ""))
            sites[site].update(x, None if of is None else start + of)

        with watching(predictor, watched, see):
            for graph in tensors(predictor, [batch]):
                predictor(graph)
        n_done += batch.n_mols
    return [watch.finish(site, smiles) for site, watch in sites.items() if watch.seen]


def chosen_ranges(predictor: Predictor) -> dict[Site, tuple[float, float]]:
    """The fixed input ranges of a quantized predictor, by layer and call site."""
    return {(row.name, site): limits for row in layer_table(predictor) for site, limits in enumerate(row.ranges)}


class _Watch:
    """Everything kept of one call site, in constant memory."""

    def __init__(self, n_channels: int, limits: tuple[float, float] | None) -> None:
        self.limits, self.histogram = limits, Histogram()
        self.low, self.high = torch.zeros(n_channels), torch.zeros(n_channels)
        self.lowest, self.highest = np.full((2, n_channels), -1)
        """the molecule that sent it; -1 for none"""
        self.seen = self.n_values = self.n_beyond = 0

    def update(self, x: Tensor, owner: NDArray[np.int64] | None) -> None:
        """``owner`` [len(x)] is the molecule of each row."""
        if not x.numel():
            return
        self.seen += len(x)
        self.histogram.update(x)
        low, high = x.min(0), x.max(0)
        if owner is not None:
            farther_down, farther_up = (low.values < self.low).numpy(), (high.values > self.high).numpy()
            self.lowest[farther_down] = owner[low.indices.numpy()[farther_down]]
            self.highest[farther_up] = owner[high.indices.numpy()[farther_up]]
        self.low, self.high = torch.minimum(self.low, low.values), torch.maximum(self.high, high.values)
        self.n_values += int(torch.count_nonzero(x))
        if self.limits is not None:
            step = (self.limits[1] - self.limits[0]) / 255
            self.n_beyond += int(((x < self.limits[0] - step / 2) | (x > self.limits[1] + step / 2)).sum())

    def finish(self, site: Site, smiles: Sequence[str] | None) -> SiteActivations:
        largest = torch.maximum(-self.low, self.high).double().numpy()
        median = float(np.median(largest[largest > 0])) if (largest > 0).any() else 1.0
        order = np.argsort(-largest, kind="stable")
        outliers = [int(i) for i in order if largest[i] > OUTLIER_RATIO * median]
        low, high = float(self.low.min()), float(self.high.max())
        edges, counts = _bars(self.histogram, low, high)
        at_low, at_high = int(self.low.argmin()), int(self.high.argmax())
        largest_by = np.where((self.high >= -self.low).numpy(), self.highest, self.lowest)

        def named(molecule: int) -> str | None:
            return None if smiles is None or molecule < 0 else smiles[molecule]

        held = None if self.limits is None else max(-self.limits[0], self.limits[1])
        return SiteActivations(
            layer=site[0],
            site=site[1],
            low=low,
            high=high,
            range=self.limits,
            beyond=None if self.limits is None else self.n_beyond / max(self.n_values, 1),
            overshoot=None if not held else max(-low, high) / held,
            outliers=tuple(
                Channel(i, float(largest[i]), float(largest[i] / median), named(int(largest_by[i])))
                for i in outliers[:N_NAMED]
            ),
            n_outliers=len(outliers),
            largest_ratio=float(largest.max() / median),
            never_excited=int((largest == 0).sum()),
            n_channels=len(largest),
            edges=tuple(edges),
            counts=tuple(counts),
            low_by=named(int(self.lowest[at_low])),
            high_by=named(int(self.highest[at_high])),
        )


def _bars(histogram: Histogram, low: float, high: float) -> tuple[list[float], list[float]]:
    """The histogram in N_BARS bins over what was seen."""
    edges: NDArray[np.float64] = np.linspace(low, high if high > low else low + 1, N_BARS + 1)
    centres = np.clip(histogram.centres.numpy(), edges[0], edges[-1])
    counts, _ = np.histogram(centres, edges, weights=histogram.counts.numpy())
    return edges.tolist(), counts.tolist()
