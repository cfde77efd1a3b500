import csv
import subprocess
import sys

import pytest

from molq.errors import CheckpointError
from molq.interop import admet as module
from molq.interop.admet import admet_checkpoints
from molq.interop.checkpoint import read_checkpoint
from molq.interop.sources import import_model

pytest.importorskip("admet_ai")
MODELS = [(name, i) for name in ("classification", "regression") for i in range(5)]


@pytest.mark.filterwarnings("ignore::UserWarning:lightning")
@pytest.mark.parametrize(("name", "i"), MODELS)
def test_each_model_equals_chemprops(name, i, assert_parity):
    from chemprop.models import load_model

    path = admet_checkpoints(f"admet_ai:{name}")[i]
    assert_parity(read_checkpoint(path).predictor, load_model(path).eval())


@pytest.mark.parametrize(("name", "n_tasks"), [("classification", 31), ("regression", 10)])
def test_an_ensemble_has_five_members_and_the_names_of_its_package(name, n_tasks):
    model, provenance, _ = import_model([f"admet_ai:{name}"])
    assert (len(model.members), len(model.tasks), model.kind) == (5, n_tasks, name)
    assert provenance["imported_from"] == "ADMET-AI"
    assert len({file["sha256"] for file in provenance["files"]}) == 5
    resources = admet_checkpoints(f"admet_ai:{name}")[0].parents[2]
    with open(resources / "data" / "admet.csv", newline="") as file:
        kinds = {row["id"]: row["task_type"] for row in csv.DictReader(file)}
    assert {kinds[task] for task in model.tasks} == {name}


def test_neither_admet_ai_nor_chemprop_nor_lightning_is_imported():
    code = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from molq.interop.sources import import_model\n"
        "import_model(['admet_ai:regression'])\n"
        "print([m for m in ('admet_ai', 'chemprop', 'lightning', 'torchmetrics') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_names_and_a_missing_package(monkeypatch):
    with pytest.raises(CheckpointError, match="admet_ai:classification and admet_ai:regression"):
        admet_checkpoints("admet_ai:toxicity")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match="pip install admet-ai"):
        admet_checkpoints("admet_ai:regression")
