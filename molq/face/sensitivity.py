"""Which layers of a model suffer when they are quantized."""

from __future__ import annotations

from collections.abc import Sequence

from molq.face.calibration import CalibrationSet, as_set
from molq.face.inputs import Data, on_disk
from molq.face.loaded import loaded_of
from molq.face.model import AnyModel
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.results.sensitivity import Sensitivity
from molq.workflows.compare.fidelity import N_RESAMPLES
from molq.workflows.precision.sensitivity import sensitivity as run


def sensitivity(
    model: AnyModel,
    data: Data,
    calibset: CalibrationSet | Data | Sequence[str] | None = None,
    *,
    scheme: str = "int8",
    observer: str = "minmax",
    front: bool = False,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    all_rows: bool = False,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Sensitivity:
    """What quantizing costs layer by layer: each quantized alone, and each spared alone, with labels or without.

    ``model`` is a float one. ``data``, the name of a data set, a path or a DataFrame, is what it is scored on: its test
    molecules where the card states them, or all with ``all_rows``; of a large library as many as 5,000, drawn with
    ``seed``. ``calibset`` and ``observer`` are as in ``Model.quantize``. With ``front``, mixes from 4 to 16 bits are
    executed too: error versus size.

    ``smiles_column``, ``format`` and ``censored`` say how files are read, as in ``molq.train``. Raises InputError when
    the scheme or ``front`` needs a calibration set and there is none.

    >>> import molq
    >>> calib = molq.calibration_set("bace", size=40)
    >>> found = molq.sensitivity("bace-dmpnn", "bace", calib, resamples=100)
    >>> [layer.name for layer in found.layers][:3]
    ['encoder.W_i_atom', 'encoder.W_i_bond', 'encoder.W_h']
    """
    require_within(resamples=resamples, seed=seed)
    loaded = loaded_of(model)
    with on_disk(data, loaded.network.tasks) as source:
        return run(
            loaded,
            source,
            as_set(calibset, smiles_column),
            scheme=scheme,
            observer=observer,
            front=front,
            smiles_column=smiles_column,
            format=format,
            censored=censored,
            all_rows=all_rows,
            resamples=resamples,
            seed=seed,
            progress=progress,
        )
