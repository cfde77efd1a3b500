import csv
import gzip
import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem

from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.data.locate import locate
from molq.engine.engine import Engine
from molq.errors import CheckpointError
from molq.interop.archive import TorchArchive
from molq.nn.graph import to_tensors

TOLERANCE = 1e-5
N_MOLECULES = 600
ODD = [
    "C",
    "[Na+].[Cl-]",
    "O.CCO",
    "[13CH4]",
    "C[N+](C)(C)CC([O-])=O",
    "F/C=C/F",
    "C[C@H](N)C(=O)O",
    "[2H]OC",
    "I",
    "B",
]
BLOCK = 50
CHECKPOINTS = Path(__file__).resolve().parents[3] / "shared" / "checkpoints"


class Script:
    """A pickle written opcode by opcode."""

    def __init__(self):
        self.code = b"\x80\x04"

    def add(self, raw):
        self.code += raw
        return self

    def text(self, value):
        data = value.encode()
        return self.add(pickle.BINUNICODE + len(data).to_bytes(4, "little") + data)

    def number(self, value):
        return self.add(pickle.BININT + value.to_bytes(4, "little", signed=True))

    def name(self, module, name):
        """A global, protocol 2's way."""
        return self.add(b"c" + module.encode() + b"\n" + name.encode() + b"\n")

    def stack_name(self, module, name):
        """A global, protocol 4's way."""
        return self.text(module).text(name).add(pickle.STACK_GLOBAL)

    def call(self, *arguments):
        """Calls the global below with text arguments."""
        self.add(pickle.MARK)
        for argument in arguments:
            self.text(argument)
        return self.add(pickle.TUPLE + pickle.REDUCE)

    def storage(self, kind="FloatStorage", key="0", numel=4):
        self.add(pickle.MARK).text("storage").name("torch", kind).text(key).text("cpu").number(numel)
        return self.add(pickle.TUPLE + pickle.BINPERSID)

    def numbers(self, values):
        self.add(pickle.MARK)
        for value in values:
            self.number(value)
        return self.add(pickle.TUPLE)

    def tensor(self, size, stride, offset=0, **storage):
        self.name("torch._utils", "_rebuild_tensor_v2").add(pickle.MARK).storage(**storage).number(offset)
        self.numbers(size).numbers(stride).add(pickle.NEWFALSE + pickle.NONE)
        return self.add(pickle.TUPLE + pickle.REDUCE)

    def stop(self):
        return self.code + pickle.STOP


@pytest.fixture
def script():
    return Script


@pytest.fixture
def archive(tmp_path):
    """Writes a zip as torch does: archive(pickle bytes, {storage key: bytes}) -> path."""

    def write(data, storages=None, *, name="model.pt", extra=(), compression=zipfile.ZIP_STORED, byteorder="little"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", compression) as file:
            file.writestr("model/data.pkl", data)
            if byteorder:
                file.writestr("model/byteorder", byteorder)
            for key, content in (storages or {}).items():
                file.writestr(f"model/data/{key}", content)
            for entry, content in extra:
                file.writestr(entry, content)
        return path

    return write


@pytest.fixture(scope="session")
def refused():
    """Asserts that a file is no archive of torch, in one line that names it and holds these patterns."""

    def check(path, *words):
        with pytest.raises(CheckpointError) as caught, TorchArchive(path):
            pass
        message = str(caught.value)
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        for word in words:
            assert re.search(word, message), message

    return check


@pytest.fixture(scope="session")
def smiles():
    """600 molecules: real ones of ZINC, and a few that are odd."""
    with gzip.open(locate("zinc-sample", download=False), "rt") as file:
        sample = [line.split()[0] for line in file]
    return ODD + sample[: N_MOLECULES - len(ODD)]


@pytest.fixture(scope="session")
def graphs(smiles):
    featurized = featurize(smiles)
    assert featurized.graphs.n_mols == N_MOLECULES
    return featurized.graphs


@pytest.fixture(scope="session")
def batches(smiles):
    """chemprop's batches of the molecules: batches(feature set), made once each."""
    from chemprop import data, featurizers

    mols = [Chem.MolFromSmiles(s) for s in smiles]
    made = {}

    def of(feature_set):
        if feature_set not in made:
            atoms = featurizers.get_multi_hot_atom_featurizer(feature_set)
            rigr = feature_set == "RIGR"
            bonds = featurizers.bond.RIGRBondFeaturizer() if rigr else featurizers.MultiHotBondFeaturizer()
            featurizer = featurizers.SimpleMoleculeMolGraphFeaturizer(atoms, bonds)
            molgraphs = [featurizer(mol) for mol in mols]
            made[feature_set] = [data.BatchMolGraph(molgraphs[i : i + BLOCK]) for i in range(0, len(mols), BLOCK)]
        return made[feature_set]

    return of


@pytest.fixture(scope="session")
def assert_parity(graphs, batches):
    """Holds the network's forward pass and the engine to chemprop's own predictions of the same molecules."""

    def check(predictor, chemprop_model, feature_set="V2"):
        assert predictor.feature_set == feature_set
        with torch.inference_mode():
            expected = torch.cat([chemprop_model(batch) for batch in batches(feature_set)]).numpy()
        assert np.ptp(expected, axis=0).min() > 1e-3  # molecules must differ, or the comparison shows nothing
        for found in (_forward(predictor, graphs), Engine(predictor).scores(graphs)):
            assert found.shape == expected.shape
            # absolute up to one, as probabilities are; in units of the largest value beyond
            assert np.abs(found - expected).max() < TOLERANCE * max(1.0, np.abs(expected).max())

    return check


@pytest.fixture(scope="session")
def published():
    """The folder of a checkpoint that people have, with its program's own predictions: published(name)."""

    def find(name):
        if not (CHECKPOINTS / name).is_dir():
            pytest.skip(f"{CHECKPOINTS / name} is not there: the checkpoints lie beside the repository")
        return CHECKPOINTS / name

    return find


@pytest.fixture(scope="session")
def assert_as_published():
    """Holds a model to a table of its own program's predictions, within 1e-5 of the spread of each column."""

    def check(model, path):
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        found = model.predict([row["smiles"] for row in rows])
        for column, task in zip(found.reshape(len(rows), -1).T, model.tasks, strict=True):
            expected = np.array([float(row[task]) for row in rows])
            assert np.abs(column - expected).max() < TOLERANCE * np.ptp(expected)

    return check


def _forward(predictor, graphs):
    blocks = [slice_graphs(graphs, i, i + BLOCK) for i in range(0, graphs.n_mols, BLOCK)]
    with torch.inference_mode():
        logits = [predictor(to_tensors(block, predictor.feature_set)) for block in blocks]
        return predictor.activate(torch.cat(logits)).numpy()
