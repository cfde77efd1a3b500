"""What a command can do, a call of the same name can do, with parameters of the same names."""

from __future__ import annotations

import inspect

import pytest
import typer.main

import molq
from molq.cli.main import app

SHOWN = {"as_json", "profile", "context", "help", "install_completion", "show_completion"}
"""of a terminal alone"""
CALLS = {
    "screen": (molq.screen, {}),
    "merge": (molq.merge, {}),
    "plan": (molq.plan, {}),
    "hits": (molq.hits, {"output": "write_hits", "force": "write_hits"}),
    "train": (molq.train, {"output": "Model.save", "report": "write_report", "force": "Model.save"}),
    "quantize": (molq.Model.quantize, {"model": "self", "output": "Model.save", "force": "Model.save"}),
    "evaluate": (molq.evaluate, {}),
    "sensitivity": (molq.sensitivity, {"output": "write_report", "force": "write_report"}),
    "diagnose": (
        molq.diagnose,
        {"output": "Model.save", "fix": "ModelDiagnosis.fix", "report": "write_report", "force": "write_report"},
    ),
    "study": (molq.study, {}),
    "serve": (molq.serve, {}),
    "space info": (molq.space, {}),
    "space from-reaction": (
        molq.space_from_reaction,
        {"output": "CombinatorialSpace.save", "force": "CombinatorialSpace.save"},
    ),
    "space sample": (
        molq.CombinatorialSpace.sample,
        {"path": "self", "output": "write_sample", "force": "write_sample"},
    ),
    "space screen": (molq.CombinatorialSpace.screen, {"path": "self", "report": "write_report"}),
    "import": (molq.import_checkpoint, {"output": "Model.save", "force": "Model.save"}),
    "export": (molq.Model.export, {"model": "self", "output": "path"}),
    "calibset build": (molq.calibration_set, {"output": "CalibrationSet.save", "force": "CalibrationSet.save"}),
    "calibset validate": (
        molq.CalibrationSet.validate,
        {"calibset": "self", "output": "write_report", "force": "write_report"},
    ),
}
"""command → call, and where parameters are that have another name or another place"""


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_what_its_command_takes(name: str) -> None:
    command = typer.main.get_command(app)
    for word in name.split():
        command = command.commands[word]  # type: ignore[attr-defined]
    call, elsewhere = CALLS[name]
    taken = set(inspect.signature(call).parameters)
    options = {parameter.name for parameter in command.params} - SHOWN
    assert options - set(elsewhere) <= taken
    assert {place for option, place in elsewhere.items() if option in options} <= taken | {
        "Model.save",
        "CalibrationSet.save",
        "write_report",
        "write_hits",
        "write_sample",
        "CombinatorialSpace.save",
        "ModelDiagnosis.fix",
    }
    assert set(elsewhere) <= options
