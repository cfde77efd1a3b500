from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from faults import given
from typer.testing import CliRunner

from molq.cli.main import app
from molq.quant.scheme import Scheme, get_scheme
from molq.store.molqfile import load, save
from molq.workflows.diagnosis.remedies import GIVEN, Treatment, make, quantize_command, scheme_of, treatments
from molq.workflows.precision.mixed import mixed_scheme
from molq.workflows.tuning.fine_tune import tuning_molecules, tuning_settings

INT8, W4A8 = get_scheme("int8"), get_scheme("w4a8")
SCHEMES = [
    INT8,
    get_scheme("int8-dynamic"),
    get_scheme("fp16"),
    replace(INT8, observer="auto"),
    replace(INT8, observer="percentile", site_observers=(("encoder.W_h:*", "mse"), ("encoder.W_o*", "minmax"))),
    replace(INT8, rounding="gptq", equalize=True, bias_correction=True),
    replace(W4A8, equalize=False, bias_correction=False, rounding="nearest"),
    INT8.with_overrides(("head.*", "fp16"), ("encoder.W_h", "w4a8")),
]


@pytest.fixture
def calibset(folder, calibration_of_table) -> Path:
    path = folder / "c.smi"
    path.write_text("\n".join(calibration_of_table.calibset.smiles) + "\n")
    return path


@pytest.mark.parametrize(
    "scheme",
    SCHEMES,
    ids=lambda s: quantize_command(Treatment("", "", s, GIVEN), Path("x"), "x", Path("x"), None, Path("x")),
)
def test_the_command_makes_what_the_treatment_makes(scheme, model, calibration_of_table, calibset, tmp_path):
    treatment = Treatment("", "", scheme, GIVEN)
    assert run(treatment, model, calibset, tmp_path) == made(treatment, model, calibset, tmp_path)
    assert scheme_of(load(tmp_path / "made.molq")) == scheme


def test_the_command_trains_as_the_treatment_does(folder, model, calibset, tmp_path):
    treatment = Treatment("", "", get_scheme("w2a8"), GIVEN, tuning_settings(1, seed=3))
    assert run(treatment, model, calibset, tmp_path) == made(treatment, model, calibset, tmp_path)


def test_a_mixed_plan_is_made_again_with_the_same_integers(model, calibset, tmp_path):
    plan = dict.fromkeys(("encoder.W_i_atom", "encoder.W_i_bond", "encoder.W_o_atom", "head.layers.1"), "int8")
    scheme = mixed_scheme(plan | {"encoder.W_h": "w4a8", "encoder.W_o_msg": "fp16", "head.layers.0": "int8"})
    treatment = Treatment("", "", scheme, GIVEN)
    run(treatment, model, calibset, tmp_path)
    made(treatment, model, calibset, tmp_path)
    one, other = (load(tmp_path / name).network.state_dict() for name in ("run.molq", "made.molq"))
    assert all(one[key].equal(other[key]) for key in one)


def run(treatment: Treatment, model, calibset: Path, folder: Path) -> str:
    command = quantize_command(treatment, model.path, str(table(model)), folder / "run.molq", None, calibset)
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    return load(folder / "run.molq").content_hash


def made(treatment: Treatment, model, calibset: Path, folder: Path) -> str:
    calibration = given(calibset.read_text().split())
    molecules = tuning_molecules(str(table(model)), model, treatment.training.seed) if treatment.training else None
    result = make(treatment, model, {GIVEN: calibration}, molecules)
    return save(folder / "made.molq", result.network, result.card).content_hash


def table(model) -> Path:
    return model.path.parent / "table.csv"


def test_only_what_could_help_is_tried(model, calibration_of_table):
    sets = {GIVEN: calibration_of_table, "100": calibration_of_table}

    def causes(scheme: Scheme) -> set[str]:
        return {treatment.cause for treatment in treatments(scheme, sets, model)}

    assert causes(get_scheme("fp16")) == set()
    assert "calibration set" not in causes(get_scheme("int8-dynamic"))
    assert {"calibration set", "observer", "weight rounding", "sensitive layer", "scheme"} <= causes(INT8)
    assert "outlier channels" not in causes(W4A8)
