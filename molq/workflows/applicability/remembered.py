"""What a file will remember of the molecules that its model is trained on, and that read back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from molq.chem.fingerprint_set import coded, decoded
from molq.chem.fingerprints import packed_morgan_fingerprints
from molq.chem.packed import PackedGraphs
from molq.data.draw import draw
from molq.data.labels import LabelledSet
from molq.data.registry import dataset_info, dataset_names
from molq.data.splits import Split
from molq.engine.environment_set import atom_environments, environment_set, environment_set_from
from molq.errors import InputError, ModelFileError
from molq.store.training_set import TrainingSet
from molq.workflows.applicability.training_molecules import N_BITS, RADIUS, TrainingMolecules

MAX_FINGERPRINTS = 10_000
"""of more molecules so many are drawn, with seed 0; the environments of all count"""


def to_remember(labelled: LabelledSet, split: Split) -> TrainingSet | msgspec.UnsetType:
    """The section of the card about the molecules trained on; UNSET where they come with molq, and so are known."""
    if labelled.name in dataset_names():
        info = dataset_info(labelled.name)
        is_whole = len(labelled) + len(labelled.rejected) == info.rows
        if info.embedded and info.sha256 == labelled.sha256 and is_whole:
            return msgspec.UNSET
    trained_on = labelled.subset(split.train)
    return training_set(trained_on.smiles, trained_on.graphs)


def training_set(smiles: Sequence[str], graphs: PackedGraphs) -> TrainingSet:
    """The fingerprints and environments of these molecules, [n] SMILES and the graphs that the model takes of them.

    The same molecules give the same bytes; no SMILES is among them.
    """
    drawn = draw(len(smiles), MAX_FINGERPRINTS, 0)
    n, fingerprints = coded(packed_morgan_fingerprints([smiles[i] for i in drawn], n_bits=N_BITS))
    held = environment_set(atom_environments(graphs, RADIUS))
    environments = held.to_bytes()
    return TrainingSet(
        molecules=len(smiles),
        described=len(drawn),
        fingerprints=n,
        fingerprint_bytes=len(fingerprints),
        radius=RADIUS,
        environments=held.n,
        environment_slots=len(held.slots),
        environment_bytes=len(environments),
        data=fingerprints + environments,
    )


def recalled(stored: TrainingSet, name: str) -> TrainingMolecules:
    """The training molecules that a file called ``name`` remembers. Raises ModelFileError for bytes that are none."""
    assert isinstance(stored.data, bytes)
    split = stored.fingerprint_bytes
    try:
        fingerprints = decoded(stored.data[:split], stored.fingerprints, N_BITS)
        held = environment_set_from(stored.data[split:], stored.environments, stored.environment_slots)
    except InputError as error:
        raise ModelFileError(f"{name}: what it remembers of its training set cannot be read: {error}") from error
    drawn = f", {stored.described:,} of them drawn" if stored.described < stored.molecules else ""
    said = f"the {stored.molecules:,} training molecules that {name} remembers{drawn}"
    return TrainingMolecules(said, fingerprints, None, held, stored.radius)
