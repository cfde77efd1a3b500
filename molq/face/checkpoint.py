"""Models of chemprop and ADMET-AI as models of molq."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from molq.face.model import Model, model_of
from molq.interop.peer import verification_smiles
from molq.interop.sources import Imported, import_model
from molq.interop.told_recipe import AskedRecipe
from molq.interop.verification import unverified, verified
from molq.progress import SILENT, Progress
from molq.store.card import Card


def import_checkpoint(
    sources: str | Path | Sequence[str | Path],
    tasks: Sequence[str] | None = None,
    *,
    name: str | None = None,
    description: str = "",
    add_h: bool | None = None,
    keep_h: bool | None = None,
    ignore_stereo: bool | None = None,
    molecule_featurizers: Sequence[str] | None = None,
    verify: bool = False,
    progress: Progress = SILENT,
) -> Model:
    """The model of chemprop checkpoints, or of ADMET-AI, without running any code of the files.

    ``sources`` is a file of chemprop 2 (.pt, .ckpt) or of chemprop 1 (model.pt), a directory of them,
    ``"admet_ai:classification"`` or ``"admet_ai:regression"``, or several of these; several checkpoints make an
    ensemble, whose scores are means. A file counts once, whatever links and copies name it. Members are aligned by the
    task names in their files; ``tasks`` then renames them, or names them where no file does.
    ``name``, by default that of the first source, and ``description`` go on the card; ``progress`` is told checkpoints
    read.

    ``add_h``, ``keep_h`` and ``ignore_stereo`` say how chemprop read the molecules in training: whether every hydrogen
    was an atom, those that SMILES write as atoms stayed atoms, and stereo did not count. None is what stands in the
    file (chemprop 1) or in the ``config.toml`` that chemprop wrote beside or above it; where there is none, no, and the
    card says that it is not known. ``molecule_featurizers`` names what chemprop computed of every molecule beside its
    graph (``"morgan_binary"``, ``"rdkit_2d"``, ...), in its order; None is what stands in the file or beside it, and
    where nothing does, a model that takes such features is refused.

    The card says what was checked. ``verify`` has chemprop, where it is installed, score 100 molecules with the same
    files in a process of its own, and puts the largest difference on the card.

    Raises CheckpointError for a file that is no model of chemprop, has parts that molq does not execute, or is not
    there, for checkpoints of different endpoints, and where ``verify`` finds other scores than chemprop's.

    >>> import molq
    >>> molq.import_checkpoint("checkpoints")
    Traceback (most recent call last):
    molq.errors.CheckpointError: checkpoints: no such file
    """
    given = [sources] if isinstance(sources, str | Path) else list(sources)
    features = None if molecule_featurizers is None else tuple(molecule_featurizers)
    asked = AskedRecipe(add_h, keep_h, ignore_stereo, features)
    imported = import_model(given, tasks, asked, progress)
    model = _model(imported, unverified(imported), name or Path(str(given[0])).stem, description)
    if verify:
        scores = np.asarray(model.predict(verification_smiles()))
        model = _model(imported, verified(imported, scores), model.name, description)
    return model


def _model(imported: Imported, checked: str, name: str, description: str) -> Model:
    card = Card(name, description, provenance={**imported.provenance, "checked": checked})
    return model_of(imported.network, card)
