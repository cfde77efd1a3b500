import pytest

from molq.chem.recipe import Recipe
from molq.errors import CheckpointError
from molq.interop.chemprop_config import Shapes
from molq.interop.chemprop_v1_args import v1_config
from molq.nn.outputs import Outputs

SHAPES = Shapes(133, 14, 300, (300, 2))


def config(shapes=SHAPES, has_bias=False, **args):
    return v1_config({"dataset_type": "classification", **args}, shapes, has_bias)


def test_what_is_not_stated_is_chemprop_1s_default():
    made = config()
    assert (made.architecture, made.kind, made.feature_set, made.d_h, made.depth) == (
        "dmpnn",
        "classification",
        "V1",
        300,
        3,
    )
    assert (made.readout, made.activation, made.head_activation) == ("mean", "relu", "relu")
    assert (made.head_hidden, made.dropout, made.bias, made.undirected) == ((300,), 0.0, False, False)
    assert made.tasks == ("task_0", "task_1")


def test_what_is_stated_is_taken():
    made = config(aggregation="norm", aggregation_norm=50, activation="tanh", depth=4, dropout=0.1, undirected=True)
    assert (made.readout, made.readout_norm, made.activation, made.depth) == ("norm", 50.0, "tanh", 4)
    assert (made.dropout, made.undirected) == (0.1, True)
    assert config(atom_messages=True).architecture == "ampnn"
    assert config(task_names=["x", "y"], target_columns=["p", "q"]).tasks == ("x", "y")


@pytest.mark.parametrize(
    ("args", "width", "outputs"),
    [
        ({"loss_function": "mcc"}, 2, Outputs("classification")),
        ({"loss_function": "dirichlet"}, 4, Outputs("classification", "dirichlet")),
        ({"dataset_type": "regression", "loss_function": "bounded_mse"}, 2, Outputs("regression")),
        ({"dataset_type": "regression", "loss_function": "mve"}, 4, Outputs("regression", "mve")),
        ({"dataset_type": "regression", "loss_function": "evidential"}, 8, Outputs("regression", "evidential")),
        ({"dataset_type": "regression", "alternative_loss_function": "mve"}, 4, Outputs("regression", "mve")),
        ({"dataset_type": "multiclass", "multiclass_num_classes": 4}, 8, Outputs("multiclass", None, 4)),
        ({"dataset_type": "multiclass", "loss_function": "dirichlet"}, 6, Outputs("multiclass", "dirichlet", 3)),
    ],
)
def test_the_loss_says_what_the_numbers_of_the_head_are(args, width, outputs):
    made = config(SHAPES._replace(head=(300, width)), **args)
    assert made.outputs == outputs
    assert made.tasks == ("task_0", "task_1")


def test_hydrogens_are_atoms_where_they_were_added_and_nothing_else_changes_a_molecule():
    assert config(adding_h=True).recipe == Recipe(hydrogens="explicit")
    assert config(explicit_h=True, keeping_atom_map=True) == config()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"number_of_molecules": 2}, "a model of several molecules"),
        ({"reaction": True}, r"a model of reactions \(--reaction\)"),
        ({"reaction_solvent": True}, "reactions in solvents"),
        ({"is_atom_bond_targets": True}, "atom and bond properties"),
        ({"features_only": True}, "without message passing"),
        ({"atom_descriptors": "descriptor"}, "atom features from a file"),
        ({"atom_descriptors": "feature"}, "atom features from a file"),
        ({"bond_features_path": "b.npz"}, "bond features from a file"),
        ({"overwrite_default_atom_features": True}, "atom features of its own"),
        ({"overwrite_default_bond_features": True}, "bond features of its own"),
        ({"features_path": ["f.csv"]}, "molecule features from a file"),
        ({"dataset_type": "spectra"}, "spectra"),
        ({"dataset_type": "multiclass", "multiclass_num_classes": 1}, "make no head .*n_classes must lie between"),
        ({"dataset_type": "multiclass"}, "gives 2 numbers, which is no multiple of the 3 of each task"),
        ({"loss_function": "mve"}, "state the loss mve for classification, which has no such head"),
        ({"loss_function": "dirichlet", "dataset_type": "regression"}, "dirichlet for regression"),
        ({"atom_messages": True, "undirected": True}, "which chemprop 1 itself refuses"),
        ({"shapes": SHAPES._replace(d_v=150)}, "150 atom and 14 bond features"),
        ({"dropout": 2.0}, "make no predictor"),
    ],
)
def test_kinds_that_are_not_offered_are_refused_by_name(args, words):
    with pytest.raises(CheckpointError, match=words):
        config(**args)
