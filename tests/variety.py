"""One small configuration of every kind of network that the engine must execute."""

from molq.nn.config import default_config

TASKS = ("a", "b")
VARIETY = [
    default_config("dmpnn", TASKS, "classification", d_h=32),
    default_config("dmpnn", TASKS, "classification", d_h=32, depth=1, readout="mean", head_hidden=()),
    default_config("dmpnn", TASKS, "regression", d_h=33, depth=5, bias=True, undirected=True, activation="tanh"),
    default_config(
        "dmpnn", TASKS, "classification", d_h=32, bias=True, batch_norm=True, activation="leakyrelu",
        readout="attentive", head_hidden=(40, 20), head_activation="elu",
    ),
    default_config("dmpnn", TASKS, "classification", d_h=32, feature_set="RIGR", activation="prelu", readout="sum"),
    default_config("ampnn", TASKS, "classification", d_h=32, depth=4),
    default_config("ampnn", TASKS, "regression", d_h=32, bias=True, undirected=True, activation="selu"),
    default_config("gine", TASKS, "classification", d_h=32, depth=3),
    default_config("gine", TASKS, "regression", d_h=32, depth=2, batch_norm=False, activation="elu", readout="sum"),
    default_config("attentivefp", TASKS, "classification", d_h=32, depth=3),
]  # fmt: skip
