import re
from pathlib import Path

import msgspec
import pytest
import torch

import molq
from molq.chem.recipe import Recipe
from molq.errors import CheckpointError
from molq.interop.checkpoint import Checkpoint
from molq.interop.ensembles import align
from molq.nn.config import PredictorConfig
from molq.nn.predictor import Predictor

TASKS = ("a", "b", "c")


def member(path, tasks=TASKS, stored=None, **changes):
    config = PredictorConfig("dmpnn", tuple(tasks), "regression", **{"d_h": 8, "head_hidden": (5,), **changes})
    predictor = Predictor(config).eval()
    with torch.no_grad():
        predictor.output_mean += torch.arange(len(tasks))
        predictor.output_scale += torch.arange(len(tasks))
    return Checkpoint(Path(path), "chemprop 2", predictor, list(tasks) if stored is None else stored)


def by_task(predictor):
    """What each task is computed with, by its name."""
    last = predictor.head.layers[-1]
    parts = (last.weight, last.bias[:, None], predictor.output_mean[:, None], predictor.output_scale[:, None])
    return dict(zip(predictor.tasks, torch.cat([part.detach() for part in parts], 1).tolist(), strict=True))


@pytest.mark.parametrize("head", [(), (5,), (4, 6)])
def test_tasks_in_another_order_are_put_into_that_of_the_first(head):
    first = member("a.pt", head_hidden=head)
    other = member("b.pt", ("c", "a", "b"), head_hidden=head)
    (kept, moved), places, notes = align([first, other])
    assert places == [[0, 1, 2], [1, 2, 0]]
    assert kept is first.predictor
    assert moved.tasks == TASKS
    assert by_task(moved) == by_task(other.predictor)
    rest = {key: value for key, value in other.predictor.state_dict().items() if "layers.0" in key and head}
    assert all(torch.equal(moved.state_dict()[key], value) for key, value in rest.items())
    assert notes == ["tasks of 1 member put into the order of the first, by their names in the files"]


def test_molecule_features_of_a_linear_head_move_with_their_tasks():
    recipe = Recipe(molecule_features=("charge",))
    first = member("a.pt", head_hidden=(), recipe=recipe, extras=1)
    other = member("b.pt", ("c", "a", "b"), head_hidden=(), recipe=recipe, extras=1)
    moved = align([first, other]).predictors[1]
    assert torch.equal(moved.head.extras.weight, other.predictor.head.extras.weight[[1, 2, 0]])


def test_names_given_are_those_of_the_order_of_the_first_and_come_last():
    members = [member("a.pt"), member("b.pt", ("c", "a", "b"))]
    (first, second), _, notes = align(members, ["x", "y", "z"])
    old, new = by_task(members[1].predictor), by_task(second)
    assert first.tasks == second.tasks == ("x", "y", "z")
    assert (new["x"], new["y"], new["z"]) == (old["a"], old["b"], old["c"])
    assert notes[-1] == "tasks renamed: a → x, b → y, c → z"


def test_names_that_no_output_can_show_are_told_apart_as_they_are_stored():
    first = member("a.pt", ("task_0", "b"), stored=["x\n", "b"])
    moved = member("b.pt", ("a", "task_1"), stored=["b", "x\n"])
    (one, two), places, _ = align([first, moved])
    assert places == [[0, 1], [1, 0]]
    assert one.tasks == two.tasks == ("task_0", "b")
    with pytest.raises(CheckpointError, match="different endpoints") as caught:
        align([first, member("b.pt", ("task_0", "b"), stored=["y\n", "b"])])
    assert "\n" not in str(caught.value)
    twice = member("c.pt", ("a", "task_1"), stored=["a", "a"])
    assert align([twice, twice]).places == [[0, 1], [0, 1]]


def test_members_in_order_are_left_as_they_are():
    members = [member("a.pt"), member("b.pt")]
    predictors, _, notes = align(members)
    assert (predictors, notes) == ([m.predictor for m in members], [])


def test_members_without_names_need_to_be_told():
    members = [member("a.ckpt", ("task_0", "task_1")), member("b.ckpt", ("task_0", "task_1"))]
    with pytest.raises(CheckpointError, match=r"a\.ckpt: it does not name its tasks.* with `tasks`"):
        align(members)
    predictors, _, notes = align(members, ["x", "y"])
    assert [predictor.tasks for predictor in predictors] == [("x", "y")] * 2
    assert notes == ["2 members without task names, taken to list them in the order given"]
    assert align(members[:1]).predictors == [members[0].predictor]


def test_a_member_without_names_follows_the_order_of_those_that_have_them():
    unnamed, named = member("a.ckpt", ("task_0", "task_1")), member("b.pt", ("q", "p"))
    predictors, _, notes = align([unnamed, named], ["y", "x"])
    assert list(by_task(predictors[0]).values()) == list(by_task(unnamed.predictor).values())
    assert by_task(predictors[1])["y"] == by_task(named.predictor)["q"]
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (
            [("f/b/1.pt", ("d",)), ("f/b/2.pt", ("d",)), ("f/c.pt", ("b", "e", "a"))],
            r"different endpoints.*: a, b, c \(f/a\.pt\), d \(f/b\), b, e, a \(f/c\.pt\).*`molq import f/a\.pt -o",
        ),
        ([("f/c.pt", ("a", "b"))], r"c, a, b \(f/a\.pt\), a, b \(f/c\.pt\)"),
        ([("f/x y.pt", TASKS), ("f/c.pt", "d")], r"\(f/a\.pt, f/x y\.pt\), d .*`molq import f/a\.pt 'f/x y\.pt' -o"),
    ],
)
def test_models_of_different_endpoints_are_listed_with_how_to_import_each(others, words):
    named = [(path, tasks) for path, tasks in [("f/a.pt", TASKS), *others]]
    with pytest.raises(CheckpointError) as caught:
        align([member(path, tasks) for path, tasks in named], ["x", "y", "z"])
    assert re.search(words, str(caught.value)), str(caught.value)


def test_a_folder_of_endpoints_is_told_in_one_bounded_line():
    with pytest.raises(CheckpointError) as caught:
        align([member(f"{i:03}.pt", [f"{'t' * 200}{i}"]) for i in range(200)])
    assert "and 192 more" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "classification"}, r"b\.pt: its kind is classification, and that of a\.pt is regression"),
        ({"feature_set": "V1"}, "its feature set is V1"),
        (
            {"recipe": Recipe(hydrogens="explicit")},
            "recipe is explicit hydrogens, and that of .* is implicit",
        ),
    ],
)
def test_members_of_another_kind_are_refused(changes, words):
    first = member("a.pt")
    config = msgspec.structs.replace(first.predictor.config, **changes)
    other = Checkpoint(Path("b.pt"), "chemprop 2", Predictor(config), first.stored)
    with pytest.raises(CheckpointError, match=words):
        align([first, other])


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(CheckpointError, match="3 tasks, and 2 names"):
        align([member("a.pt")], ["x", "y"])
    with pytest.raises(CheckpointError, match="twice"):
        align([member("a.pt")], ["x", "x", "y"])
    unnamed = [member("a.pt", ["task_0"]), member("b.pt", ["task_0", "task_1"])]
    with pytest.raises(CheckpointError, match=r"b\.pt: it predicts 2 tasks, and the others predict 1"):
        align(unnamed, ["x"])


def test_an_ensemble_trained_with_tasks_in_two_orders_gives_the_mean_of_each(published, assert_as_published):
    folder = published("22-ensemble-task-order")
    model = molq.import_checkpoint([folder / "a", folder / "b"])
    assert model.tasks == ("NR-AR", "NR-AhR", "SR-p53")
    assert_as_published(model, folder / "expected.csv")
    with pytest.raises(CheckpointError, match=r"different endpoints.*SR-p53"):
        molq.import_checkpoint(folder, ["x", "y", "z"])
