"""What flows into every call site of a float model, molecule by molecule, so that any set of them is their sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from molq.chem.packed import PackedGraphs, batches
from molq.nn.ensemble import Network
from molq.progress import SILENT, Progress
from molq.quant.calibrate import Site, tensors, watching
from molq.quant.layers import matrix_layers
from molq.quant.scheme import Scheme
from molq.quant.treatment import static_sites
from molq.workflows.precision.owners import owners, row_kinds
from molq.workflows.validity import kernels

OnRows = Callable[["ModelSite", Tensor, NDArray[np.int64]], None]
"""is shown the inputs [m, k] of a site and the molecule that owns each row, counted from the first of the batch"""


class ModelSite(NamedTuple):
    """A call site of a member of a model, whose inputs are quantized with a fixed range."""

    member: int
    site: Site
    n_channels: int
    label: str
    """``layer:site``, with the member before it in an ensemble"""


class SetProfile(NamedTuple):
    """What flows into the s call sites of a model when it reads a set of molecules."""

    low: NDArray[np.float32]
    """[s], 0 or less"""
    high: NDArray[np.float32]
    """[s], 0 or more"""
    counts: NDArray[np.int64]
    """[s, bins] values by magnitude, in the bins of ``kernels``; those that are 0 left out"""
    excited: NDArray[np.bool_]
    """[channels of all sites] ever other than 0"""


class Profiles(NamedTuple):
    """What flows into the s call sites of a model, for each of n molecules."""

    low: NDArray[np.float32]
    """[n, s]"""
    high: NDArray[np.float32]
    """[n, s]"""
    counts: NDArray[np.uint16]
    """[n, s, bins], at most 65,535 each"""
    excited: NDArray[np.uint8]
    """[n, channels of all sites / 8] packed bits"""

    def together(self, n_channels: int, index: NDArray[np.int64] | slice = slice(None)) -> SetProfile:
        """Of the molecules ``index`` together."""
        return SetProfile(
            self.low[index].min(axis=0, initial=0),
            self.high[index].max(axis=0, initial=0),
            self.counts[index].sum(axis=0, dtype=np.int64),
            np.unpackbits(np.bitwise_or.reduce(self.excited[index], axis=0), count=n_channels).astype(np.bool_),
        )


def model_sites(network: Network, scheme: Scheme) -> list[ModelSite]:
    """The call sites of all members that the scheme gives a fixed range, in the order of the layers."""
    prefix = len(network.members) > 1
    return [
        ModelSite(i, site, matrix_layers(member)[site[0]].in_features, f"{i}." * prefix + f"{site[0]}:{site[1]}")
        for i, member in enumerate(network.members)
        for site in static_sites(member, scheme)
    ]


class Profiler:
    """Runs a float model on molecules, batch by batch, and keeps what flows into its call sites."""

    def __init__(self, network: Network, scheme: Scheme) -> None:
        self.network, self.sites = network, model_sites(network, scheme)
        self.n_channels = sum(site.n_channels for site in self.sites)
        layers = [{site.site[0] for site in self.sites if site.member == i} for i in range(len(network.members))]
        kinds = [row_kinds(member, mine) for member, mine in zip(network.members, layers, strict=True)]
        self._row_kinds = {site.label: kinds[site.member][site.site] for site in self.sites}

    def profiles(self, graphs: PackedGraphs, progress: Progress = SILENT, see: OnRows | None = None) -> Profiles:
        """Profiles of all molecules; ``see`` is shown the inputs themselves on the way."""
        parts = [self._batch_profiles(batch, see) for batch in batches(graphs, progress=progress)]
        return Profiles(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    def together(self, graphs: PackedGraphs) -> SetProfile:
        """Of all molecules together, in bounded memory."""
        parts = [self.profiles(batch).together(self.n_channels) for batch in batches(graphs, 1024)]
        return SetProfile(
            np.min([p.low for p in parts], axis=0),
            np.max([p.high for p in parts], axis=0),
            np.sum([p.counts for p in parts], axis=0),
            np.any([p.excited for p in parts], axis=0),
        )

    def show(self, batch: PackedGraphs, see: OnRows) -> None:
        """``see`` the inputs of every site for a batch of molecules."""
        owner = owners(batch)
        for i, member in enumerate(self.network.members):
            mine = {site.site: site for site in self.sites if site.member == i}

            def pass_on(site: Site, x: Tensor, mine: dict[Site, ModelSite] = mine) -> None:
                if site in mine:
                    see(mine[site], x, owner[self._row_kinds[mine[site].label]])

            with watching(member, {name for name, _ in mine}, pass_on):
                for graph in tensors(member, [batch]):
                    member(graph)

    def _batch_profiles(self, batch: PackedGraphs, see: OnRows | None) -> Profiles:
        n, s = batch.n_mols, len(self.sites)
        low, high = np.zeros((s, n), np.float32), np.zeros((s, n), np.float32)
        counts = np.zeros((s, n, kernels.N_BINS), np.uint16)
        excited = [np.zeros((n, site.n_channels), np.bool_) for site in self.sites]
        place = {site.label: i for i, site in enumerate(self.sites)}

        def take(site: ModelSite, x: Tensor, owner: NDArray[np.int64]) -> None:
            i, rows = place[site.label], np.ascontiguousarray(x.numpy(), np.float32)
            kernels.gather(rows, rows.view(np.int32), owner, low[i], high[i], counts[i], excited[i])
            if see is not None:
                see(site, x, owner)

        self.show(batch, take)
        return Profiles(
            low.T.copy(),
            high.T.copy(),
            np.ascontiguousarray(counts.swapaxes(0, 1)),
            np.packbits(np.concatenate(excited, axis=1), axis=1),
        )
