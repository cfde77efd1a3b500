"""Scorers for the tests: scores are plain functions of the atoms, and some of them misbehave on purpose."""

from __future__ import annotations

import errno
import os
import signal
import time

import numpy as np

from molq.chem import molblocks
from molq.chem.recipe import PLAIN
from molq.columns import columns_of
from molq.screening import read_chunk

THORIUM, URANIUM, PLUTONIUM = 90, 92, 94


class DescriptorScorer:
    """Two tasks, from sums over atom descriptors."""

    columns = columns_of(("first", "second"))
    recipe = PLAIN

    def scores(self, graphs):
        weights = (graphs.atoms & np.uint64(0xFFFF)).astype(np.float64)
        sums = np.add.reduceat(weights, graphs.atom_ptr[:-1])
        n_bonds = np.diff(graphs.bond_ptr)
        return np.stack([1 / (1 + np.exp(1 - (sums % 997) / 370)), (sums + n_bonds) % 7], axis=1).astype(np.float32)


class PoisonScorer(DescriptorScorer):
    """Thorium raises, uranium kills the process, plutonium hangs."""

    def scores(self, graphs):
        elements = set((graphs.atoms & np.uint64(0xFF)).tolist())
        if URANIUM in elements:
            os.kill(os.getpid(), signal.SIGSEGV)
        if PLUTONIUM in elements:
            time.sleep(600)
        if THORIUM in elements:
            raise ValueError("thorium is too heavy")
        return super().scores(graphs)


class SlowScorer(DescriptorScorer):
    """A millisecond a molecule, so that a run lasts long enough to be interrupted."""

    def scores(self, graphs):
        time.sleep(0.001 * graphs.n_mols)
        return super().scores(graphs)


class BrokenScorer(DescriptorScorer):
    """Fails on everything."""

    def scores(self, graphs):
        raise RuntimeError("the model is broken")


class BatchScorer(DescriptorScorer):
    """Dies on batches of more than 40 molecules, but on no molecule alone."""

    def scores(self, graphs):
        if graphs.n_mols > 40:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().scores(graphs)


class ShortScorer(DescriptorScorer):
    """There is no memory the first so many times, whichever worker asks; a file counts."""

    def __init__(self, path, times):
        self._path, self._times = path, times

    def scores(self, graphs):
        if graphs.n_mols > 3:  # more than the molecules of the warm-up
            with open(f"{self._path}.short", "ab") as file:
                file.write(b"x")
                file.flush()
                if file.tell() <= self._times:
                    raise MemoryError("Unable to allocate an array")
        return super().scores(graphs)


class BoundedScorer(DescriptorScorer):
    """There is no memory for molecules of more than 3,000 atoms."""

    def scores(self, graphs):
        if (np.diff(graphs.atom_ptr) > 3000).any():
            raise MemoryError
        return super().scores(graphs)


class UraniumIsShortScorer(DescriptorScorer):
    """There is never memory for uranium."""

    def scores(self, graphs):
        if URANIUM in set((graphs.atoms & np.uint64(0xFF)).tolist()):
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return super().scores(graphs)


class ScaledScorer(SlowScorer):
    def __init__(self, factor):
        self._factor = factor

    def scores(self, graphs):
        return super().scores(graphs) * np.float32(self._factor)


def load(source, spread=False):
    return DescriptorScorer()


def load_poison(source, spread=False):
    return PoisonScorer()


def load_with_poisonous_mol_blocks(source, spread=False):
    """In this process RDKit dies of a mol block with uranium, hangs on plutonium, and raises on thorium."""
    smiles_of_block = molblocks.smiles_of_block

    def spell(block):
        if " U " in block:
            os.kill(os.getpid(), signal.SIGSEGV)
        if " Pu " in block:
            time.sleep(600)
        if " Th " in block:
            raise TypeError("thorium is too heavy")
        return smiles_of_block(block)

    molblocks.smiles_of_block = read_chunk.smiles_of_block = spell
    return DescriptorScorer()


def load_slow(source, spread=False):
    return SlowScorer()


def load_broken(source, spread=False):
    return BrokenScorer()


def load_batch(source, spread=False):
    return BatchScorer()


def load_at_the_third_attempt(source, spread=False):
    """Dies the first two times; the path and .deaths counts."""
    with open(f"{source.path}.deaths", "ab") as file:
        file.write(b"x")
        file.flush()
        if file.tell() < 3:
            os.kill(os.getpid(), signal.SIGKILL)
    return DescriptorScorer()


def load_never(source, spread=False):
    os.kill(os.getpid(), signal.SIGKILL)


def load_by_name(source, spread=False):
    scorer = DescriptorScorer()
    name = os.path.basename(source.path).removesuffix(".molq")
    scorer.columns = columns_of([f"{name} {column.task}" for column in scorer.columns])
    return scorer


def load_short_for_a_moment(source, spread=False):
    return ShortScorer(source.path, 3)


def load_short_for_ever(source, spread=False):
    return ShortScorer(source.path, 1 << 60)


def load_bounded(source, spread=False):
    return BoundedScorer()


def load_uranium_is_short(source, spread=False):
    return UraniumIsShortScorer()


def load_without_memory(source, spread=False):
    raise MemoryError


def load_by_content(source, spread=False):
    return ScaledScorer(len(source.content))
