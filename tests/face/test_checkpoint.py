from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import molq
from molq.errors import CheckpointError
from molq.interop.sources import import_model


def checkpoints() -> list[Path]:
    """Two members of ADMET-AI's classifier."""
    spec = find_spec("admet_ai")
    assert spec is not None
    assert spec.origin is not None
    return sorted(Path(spec.origin).parent.glob("resources/models/admet_classification/*.pt"))[:2]


def test_a_checkpoint_is_a_model() -> None:
    one, two = checkpoints()
    model = molq.import_checkpoint(one, name="mine", description="One member.")
    assert (model.name, model.card.description, model.kind) == ("mine", "One member.", "classification")
    assert list(model.tasks) == list(import_model([one]).network.tasks)
    assert model.card.provenance is not None
    ensemble = molq.import_checkpoint([one, two])
    assert ensemble.name == "model_0"
    both = (model.predict(["CCO"]) + molq.import_checkpoint(two).predict(["CCO"])) / 2
    assert ensemble.predict(["CCO"]) == pytest.approx(both, abs=1e-6)


def test_tasks_may_be_named_anew() -> None:
    one = checkpoints()[0]
    names = [f"t{i}" for i in range(len(molq.import_checkpoint(one).tasks))]
    assert molq.import_checkpoint(one, names).tasks == tuple(names)


def test_what_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        molq.import_checkpoint(tmp_path / "absent.pt")
    with pytest.raises(CheckpointError, match="no checkpoint to import"):
        molq.import_checkpoint([])
