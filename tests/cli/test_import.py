import pytest
import torch
from typer.testing import CliRunner

from molq.cli.main import app
from molq.errors import CheckpointError, OutputError
from molq.store.molqfile import load

pytest.importorskip("chemprop")
RUNNER = CliRunner()
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:lightning")


@pytest.fixture
def checkpoint(tmp_path):
    from chemprop import models, nn

    path = tmp_path / "chemprop.pt"
    model = models.MPNN(
        nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.BinaryClassificationFFN(2, 8, hidden_dim=8)
    )
    models.save_model(path, model, ["active", "toxic"])
    return path


def run(*arguments):
    return RUNNER.invoke(app, ["import", *map(str, arguments)])


def test_a_checkpoint_becomes_a_molq_file(checkpoint, tmp_path):
    out = tmp_path / "m.molq"
    done = run(checkpoint, "-o", out, "--name", "mine", "--description", "two tasks")
    assert done.exit_code == 0
    made, told = done.stdout.strip().split("\n", 1)
    unknown, _, checked = told.partition("\nchecked")
    assert "--add-h, --keep-h or --ignore-stereo is not known" in " ".join(unknown.split())
    checked = "checked" + checked
    assert made == f"{out}: dmpnn, 2 classification tasks, fp32, {out.stat().st_size:,} bytes"
    assert checked.startswith("checked  every weight")
    assert "molq import --verify does" in " ".join(checked.split())
    loaded = load(out)
    assert loaded.network.tasks == ("active", "toxic")
    assert (loaded.card.name, loaded.card.description) == ("mine", "two tasks")
    assert loaded.card.provenance["files"][0]["name"] == "chemprop.pt"


def test_several_checkpoints_become_an_ensemble_with_given_task_names(checkpoint, tmp_path):
    from chemprop import models

    other = models.load_model(checkpoint)
    torch.nn.init.zeros_(other.predictor.ffn[-1][-1].bias)
    models.save_model(tmp_path / "other.pt", other, ["toxic", "active"])
    out = tmp_path / "m.molq"
    done = run(checkpoint, tmp_path / "other.pt", "-o", out, "--tasks", "a, b")
    assert "2 members" in done.stdout
    assert "1 member put into the order of the first" in done.stdout
    assert "active → a, toxic → b" in done.stdout
    assert load(out).network.tasks == ("a", "b")
    assert load(out).card.name == "m"


def test_a_task_name_may_hold_a_comma(checkpoint, tmp_path):
    out = tmp_path / "m.molq"
    assert run(checkpoint, "-o", out, "--tasks", '"IC50, nM", logP').exit_code == 0
    assert load(out).network.tasks == ("IC50, nM", "logP")


def test_the_same_checkpoint_gives_the_same_bytes(checkpoint, tmp_path):
    for name in ("m.molq", "n.molq"):
        run(checkpoint, "-o", tmp_path / name, "--name", "x")
    assert (tmp_path / "m.molq").read_bytes() == (tmp_path / "n.molq").read_bytes()


def test_nothing_is_overwritten(checkpoint, tmp_path):
    out = tmp_path / "m.molq"
    out.write_text("precious")
    assert isinstance(run(checkpoint, "-o", out).exception, OutputError)
    assert out.read_text() == "precious"
    assert run(checkpoint, "-o", out, "--force").exit_code == 0
    before = checkpoint.read_bytes()
    assert isinstance(run(checkpoint, "-o", checkpoint, "--force").exception, OutputError)
    assert checkpoint.read_bytes() == before


def test_a_refused_checkpoint_leaves_no_file(tmp_path):
    (tmp_path / "bad.pt").write_text("not a zip")
    failed = run(tmp_path / "bad.pt", "-o", tmp_path / "m.molq")
    assert isinstance(failed.exception, CheckpointError)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pt"]


def test_usage():
    assert RUNNER.invoke(app, ["import"]).exit_code == 2


def test_how_molecules_were_read_in_training_can_be_said(checkpoint, tmp_path):
    from molq.chem.recipe import Recipe

    out = tmp_path / "h.molq"
    done = run(checkpoint, "-o", out, "--add-h", "--no-keep-h", "--ignore-stereo")
    assert done.exit_code == 0
    assert "molecules  explicit hydrogens, stereo ignored" in done.stdout
    assert "not known" not in done.stdout
    assert load(out).network.recipe == Recipe(hydrogens="explicit", ignore_stereo=True)


def test_molecule_features_are_named_where_no_file_does(tmp_path):
    from chemprop import models, nn

    made = models.MPNN(
        nn.BondMessagePassing(d_h=8), nn.MeanAggregation(), nn.BinaryClassificationFFN(1, 8 + 2049, hidden_dim=8)
    )
    models.save_model(tmp_path / "best.pt", made, ["active"])
    out = tmp_path / "m.molq"
    refused = run(tmp_path / "best.pt", "-o", out)
    assert isinstance(refused.exception, CheckpointError)
    assert "morgan_binary,charge or morgan_count,charge would be as many" in str(refused.exception)
    done = run(tmp_path / "best.pt", "-o", out, "--molecule-featurizers", "morgan_count, charge")
    assert done.exit_code == 0
    assert "molecules  morgan_count, charge" in done.stdout
    assert load(out).network.recipe.molecule_features == ("morgan_count", "charge")


@pytest.mark.parametrize(
    "content",
    [b"add-h = \x1b[2J\n", b"\xff" * 100, b"depth = 9\nadd-h = true\n", b"x" * 3_000_000],
    ids=["control characters", "no text", "another training", "huge"],
)
def test_a_hostile_config_toml_ends_in_one_line(checkpoint, tmp_path, content):
    copy = tmp_path / "model_0" / "best.pt"
    copy.parent.mkdir()
    copy.write_bytes(checkpoint.read_bytes())
    (tmp_path / "config.toml").write_bytes(content)
    done = run(copy, "-o", tmp_path / "m.molq")
    assert done.exit_code == 1
    assert isinstance(done.exception, CheckpointError)
    said = str(done.exception)
    assert str(tmp_path / "config.toml") in said
    assert not {"\n", "\x1b"} & set(said)
    assert not (tmp_path / "m.molq").exists()
