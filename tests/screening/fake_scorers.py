"""Scorers for the tests: scores are plain functions of the atoms, and some of them misbehave on purpose."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

THORIUM, URANIUM, PLUTONIUM = 90, 92, 94


class DescriptorScorer:
    """Two tasks, from sums over atom descriptors."""

    tasks = ("first", "second")

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


def load(source):
    return DescriptorScorer()


def load_poison(source):
    return PoisonScorer()


def load_slow(source):
    return SlowScorer()


def load_broken(source):
    return BrokenScorer()


def load_batch(source):
    return BatchScorer()


def load_at_the_third_attempt(source):
    """Dies the first two times; the path and .deaths counts."""
    with open(f"{source.path}.deaths", "ab") as file:
        file.write(b"x")
        file.flush()
        if file.tell() < 3:
            os.kill(os.getpid(), signal.SIGKILL)
    return DescriptorScorer()


def load_never(source):
    os.kill(os.getpid(), signal.SIGKILL)


def load_by_name(source):
    scorer = DescriptorScorer()
    scorer.tasks = tuple(f"{os.path.basename(source.path).removesuffix('.molq')} {task}" for task in scorer.tasks)
    return scorer
