from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from molq.cli.main import app
from molq.errors import MolqError
from molq.files import open_file
from molq.remote.writing import put


def molq(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "molq.cli.main", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=300, check=False)


def here(*arguments: object) -> Result:
    """The same in this process, where no worker has to be started."""
    return CliRunner().invoke(app, ["screen", *map(str, arguments), "--workers", "0"])


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A small untrained model: two tasks."""
    import torch

    from molq.nn.config import PredictorConfig
    from molq.nn.predictor import Predictor
    from molq.store.card import Card
    from molq.store.molqfile import save

    torch.manual_seed(0)
    predictor = Predictor(PredictorConfig("dmpnn", tasks=("first", "second"), kind="classification", d_h=16))
    path = tmp_path_factory.mktemp("model") / "model.molq"
    save(path, predictor.eval(), Card("a small model"))
    return path


@pytest.fixture
def library(tmp_path) -> Path:
    path = tmp_path / "library.csv"
    smiles = ["C" * (1 + i % 12) + "N" * (i % 3) + "c1ccccc1" * (i % 2) + "O" * (i % 5) for i in range(300)]
    smiles[17] = "not a molecule"
    path.write_text("smiles,name\n" + "".join(f"{text},M{i}\n" for i, text in enumerate(smiles)))
    return path


def test_screens_a_library(model, library, tmp_path):
    out = tmp_path / "out.csv"
    done = molq("screen", model, library, "-o", out, "--workers", 2, "--profile")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    text = done.stderr.decode()
    assert "300 rows = 299 scored + 1 rejected" in text
    assert "mol/s" in text
    for stage in ("read", "parse", "pack", "score", "write"):
        assert f"\n{stage} " in text
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["id"] for row in rows] == [f"M{i}" for i in range(300)]
    assert rows[17]["first"] == ""
    assert rows[17]["rejected"]
    assert all(0 < float(row["second"]) < 1 for i, row in enumerate(rows) if i != 17)


def test_scores_are_those_of_the_engine_one_by_one(model, library, tmp_path):
    import numpy as np

    from molq.chem.featurize import featurize
    from molq.engine.engine import Engine
    from molq.store.molqfile import load

    assert here(model, library, "-o", tmp_path / "out.csv").exit_code == 0
    engine = Engine(load(model).network)
    for row in list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))[:40]:
        if not row["rejected"]:
            expected = engine.scores(featurize([row["smiles"]]).graphs)[0]
            assert [np.float32(row["first"]), np.float32(row["second"])] == expected.tolist()


def test_json_summary(model, library, tmp_path):
    done = here(model, library, "-o", tmp_path / "out.parquet", "--json", "--task", "second")
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["scored"], summary["rejected"]) == (300, 299, 1)
    assert summary["tasks"] == ["second"]
    assert summary["outputs"] == [str(tmp_path / "out.parquet")]


def test_standard_input_to_standard_output(model, library, tmp_path):
    assert here(model, library, "-o", tmp_path / "out.csv").exit_code == 0
    for data in (library.read_bytes(), gzip.compress(library.read_bytes())):
        piped = molq("screen", model, "-", "-o", "-", stdin=data)
        assert piped.returncode == 0, piped.stderr
        assert piped.stdout == (tmp_path / "out.csv").read_bytes()


def test_top_threshold_and_columns(model, library, tmp_path):
    done = here(model, library, "-o", tmp_path / "top.csv", "--top", 5, "--columns", "name,smiles")
    assert done.exit_code == 0, done.output
    header = (tmp_path / "top.second.csv").read_text().splitlines()[0]
    assert header == "row,smiles,id,name,input_smiles,first,second"
    assert len((tmp_path / "top.first.csv").read_text().splitlines()) == 6
    done = here(model, library, "-o", tmp_path / "hits.csv", "--threshold", 0, "--lowest", "--task", "first")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "hits.csv").read_text().splitlines() == ["row,smiles,id,first"]


def test_expected_failures_are_one_line(model, library, tmp_path):
    (tmp_path / "out.csv").write_text("precious")
    cases = (
        (model, library, "-o", tmp_path / "out.csv"),
        (model, library, "-o", library, "--force"),
        (model, tmp_path / "nothing.csv", "-o", tmp_path / "new.csv"),
        (tmp_path / "nothing.molq", library, "-o", tmp_path / "new.csv"),
        (library, library, "-o", tmp_path / "new.csv"),
        (model, library, "-o", tmp_path / "new.csv", "--task", "third"),
        (model, library, "-o", tmp_path / "new.csv", "--smiles-column", "structure"),
        (model, library, "-o", tmp_path / "new.csv", "--engine", "ray", "--workers", "2"),
    )
    for arguments in cases:
        done = here(*arguments)
        assert isinstance(done.exception, MolqError), done
        assert "\n" not in str(done.exception)
        assert not (tmp_path / "new.csv").exists()
    assert str(done.exception) == "with --engine ray there are actors in the place of --workers; say --concurrency"
    for arguments in (cases[0], cases[5]):
        done = molq("screen", *arguments)
        assert done.returncode == 1, done
        assert done.stderr.startswith(b"error: ")
        assert done.stderr.count(b"\n") == 1
    assert (tmp_path / "out.csv").read_text() == "precious"
    assert molq("screen", model, library).returncode == 2


def test_the_spread_of_an_ensemble_and_of_none(model, library, tmp_path):
    from molq.nn.ensemble import from_members
    from molq.store.card import Card
    from molq.store.molqfile import load, save

    member = load(model).network
    save(tmp_path / "two.molq", from_members([member, member]), Card("the same twice"))
    out = tmp_path / "out.csv"
    done = here(tmp_path / "two.molq", library, "-o", out, "--spread")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert list(rows[0])[2:] == ["first", "second", "first_spread", "second_spread", "rejected"]
    assert {row["first_spread"] for row in rows if not row["rejected"]} == {"0"}
    refused = here(model, library, "-o", tmp_path / "none.csv", "--spread")
    assert isinstance(refused.exception, MolqError)
    assert "model.molq: --spread is how far the members of an ensemble lie apart" in str(refused.exception)
    assert not (tmp_path / "none.csv").exists()


def test_a_dataset_by_name(model, tmp_path):
    done = here(model, "zinc-sample", "-o", tmp_path / "out.csv", "--top", 3, "--task", "first", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == 5000


def test_the_command_imports_neither_torch_nor_chemistry(model, tmp_path):
    """Its workers do; a second time in the parent would cost every screen a second."""
    (tmp_path / "library.smi").write_text("CCO\nCCN\n")
    words = ["screen", str(model), str(tmp_path / "library.smi"), "-o", str(tmp_path / "out.csv")]
    heavy = "{'torch', 'rdkit', 'numba', 'scipy'} & set(sys.modules)"
    code = f"import atexit, sys; sys.argv[1:] = {words}; atexit.register(lambda: print(*{heavy})); "
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", code + "from molq.cli.main import main; main()"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "\n"
    assert (tmp_path / "out.csv").exists()


def test_a_library_in_a_store_is_screened_into_it(model, library, tmp_path, bucket):
    put(library.read_bytes(), f"{bucket}/library.csv")
    local = molq("screen", model, library, "-o", tmp_path / "out.csv", "--workers", 1)
    secret = bucket.replace("s3://", "s3://AKIAMOLQTEST:a-secret-of-the-tests@")
    done = molq("screen", model, f"{secret}/library.csv", "-o", f"{secret}/out.csv", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().splitlines()[-1] == f"wrote {bucket.replace('s3://', 's3://***@')}/out.csv"
    assert open_file(f"{bucket}/out.csv").read() == (tmp_path / "out.csv").read_bytes()
    refused = molq("screen", model, f"{secret}/none.csv", "-o", f"{secret}/out2.csv")
    assert refused.returncode == 1
    assert refused.stderr.decode() == f"error: {bucket.replace('s3://', 's3://***@')}/none.csv: no such object\n"
    assert b"a-secret" not in local.stderr + done.stderr + refused.stderr
