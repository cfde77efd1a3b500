"""Which layers of a model suffer when they are quantized: one at a time, and one spared at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from molq.calibset.spec import ChosenSet
from molq.chem.packed import batches
from molq.errors import InputError
from molq.files import make_folder, write_whole
from molq.nn.ensemble import Network
from molq.progress import SILENT, Progress, Steps
from molq.quant.layers import layer_table, matrix_layers
from molq.quant.observers import check_observer
from molq.quant.scheme import Scheme, get_scheme
from molq.results.fidelity import Fidelity
from molq.results.plain import plain
from molq.results.sensitivity import SENSITIVITY_FORMAT, LayerSensitivity, NamedModel, Sensitivity
from molq.results.yardstick import Baseline
from molq.serial import to_pretty_json
from molq.store.molqfile import Loaded
from molq.workflows.compare.fidelity import N_RESAMPLES, Yardstick, yardstick
from molq.workflows.compare.machine import this_machine
from molq.workflows.compare.probe import read_probe
from molq.workflows.precision.activations import site_activations
from molq.workflows.precision.calibration import CalibrationMolecules, calibration_molecules
from molq.workflows.precision.layers import layer_bytes, only, quantizable_layers, quantized
from molq.workflows.precision.mixed import measured_front

RESULTS = "sensitivity.json"


def sensitivity(
    source: Loaded,
    data: str,
    calibset: ChosenSet | None = None,
    *,
    scheme: str = "int8",
    observer: str = "minmax",
    front: bool = False,
    all_rows: bool = False,
    smiles_column: str | None = None,
    format: str | None = None,
    censored: str | None = None,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Sensitivity:
    """Each layer of a float model quantized alone, and spared alone, executed on the molecules of ``data``.

    ``data`` is a registered data set or a file, labelled or not; of a set that the model was trained on, its test
    molecules count, or all with ``all_rows``. With ``front``, mixes of 4 to 16 bits are executed too. Raises InputError
    when a scheme or ``front`` needs a calibration set and there is none.
    """
    if front and calibset is None:
        raise InputError("`front` needs a calibration set: name it with `calibset`")
    check_observer(observer)
    chosen = replace(get_scheme(scheme), observer=observer)
    side = None if all_rows else "test"
    progress.stage("molecules")
    probe = read_probe(
        data,
        source,
        side=side,
        smiles_column=smiles_column,
        format=format,
        censored=censored,
        seed=seed,
        progress=progress,
    )
    calibration = None if calibset is None else calibration_molecules(calibset, source.network.recipe)
    on = yardstick(source.network, probe, n_resamples=resamples, seed=seed)
    progress.stage("layers")
    found = measure_sensitivity(source, chosen, calibration, on, progress)
    if not front or calibration is None:
        return found
    mixes = measured_front(source, calibration, on, progress=progress)
    return msgspec.structs.replace(found, front=tuple(mixes))


def measure_sensitivity(
    source: Loaded,
    scheme: Scheme,
    calibration: CalibrationMolecules | None,
    on: Yardstick,
    progress: Progress = SILENT,
) -> Sensitivity:
    """Each layer of the float model quantized alone, and spared alone; 2·layers + 1 models are made and executed."""
    whole, baseline = quantized(source.network, scheme, calibration), on.baseline()
    seen, smiles = (
        (on.probe.graphs, on.probe.smiles) if calibration is None else (calibration.graphs, calibration.smiles)
    )
    return Sensitivity(
        format=SENSITIVITY_FORMAT,
        model=NamedModel(str(source.path), source.card.name, source.content_hash),
        probe=on.probe.section,
        calibration=None if calibration is None else calibration.record(scheme.observer),
        statistics=on.section,
        scheme=scheme.name,
        baseline=None if baseline is None else Baseline(baseline.value, baseline.low, baseline.high),
        machine=this_machine(),
        whole=on.compare(whole),
        layers=tuple(_layers(source.network, whole, scheme, calibration, on, progress)),
        sites=tuple(site_activations(whole.members[0], batches(seen), smiles=smiles)),
        changes=on.changes(whole),
    )


def _layers(
    network: Network,
    whole: Network,
    scheme: Scheme,
    calibration: CalibrationMolecules | None,
    on: Yardstick,
    progress: Progress,
) -> Iterator[LayerSensitivity]:
    names = quantizable_layers(network)
    stored, floats = layer_bytes(whole), layer_bytes(network)
    weights = {row.name: row.weights for row in layer_table(whole.members[0])}
    steps = Steps(2 * len(names), progress)

    def executed(treated: Scheme) -> Fidelity:
        found = on.compare(quantized(network, treated, calibration))
        steps.advance()
        return found

    for name in names:
        yield LayerSensitivity(
            name=name,
            role=matrix_layers(network.members[0])[name].role,
            weights=weights[name],
            n_bytes_float=floats[name],
            n_bytes=stored[name],
            alone=executed(only(scheme, name)),
            spared=executed(scheme.with_overrides((name, "fp32"))),
        )


def write_sensitivity(folder: Path, found: Sensitivity) -> None:
    """``sensitivity.json`` in the folder. Raises OutputError when it cannot be written."""
    write_whole(make_folder(folder) / RESULTS, to_pretty_json(plain(found)) + "\n")
