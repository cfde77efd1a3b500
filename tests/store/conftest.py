import pytest
import torch

from molq.chem.featurize import featurize
from molq.nn.config import PredictorConfig
from molq.nn.ensemble import from_members
from molq.nn.predictor import Predictor
from molq.quant.convert import quantize
from molq.quant.scheme import get_scheme

READOUTS = {"attentivefp": "superatom", "gine": "mean", "ampnn": "attentive"}


@pytest.fixture(scope="session")
def graphs():
    return featurize(["CCO", "c1ccccc1C(=O)O", "C[N+](C)(C)CC([O-])=O", "C", "FC(F)(F)c1ccncc1Cl"]).graphs


@pytest.fixture(scope="session")
def build(graphs):
    """A small model with random weights: build(architecture, scheme, members)."""

    def make(architecture="dmpnn", scheme="fp32", n_members=1, **changes):
        torch.manual_seed(n_members)
        options = {
            "d_h": 6,
            "head_hidden": (5,),
            "readout": READOUTS.get(architecture, "norm"),
            "batch_norm": architecture != "attentivefp",
            "activation": "prelu" if architecture != "attentivefp" else "relu",
        }
        config = PredictorConfig(architecture, ("a", "b"), "regression", **(options | changes))
        model = from_members([Predictor(config).eval() for _ in range(n_members)])
        return model if scheme == "fp32" else quantize(model, get_scheme(scheme), [graphs])

    return make
