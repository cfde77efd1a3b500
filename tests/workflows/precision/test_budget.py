from __future__ import annotations

import itertools

import numpy as np

from molq.results.mixed import LayerOption
from molq.workflows.precision.budget import Mix, pareto_front, undominated


def test_the_front_is_that_of_all_combinations():
    rng = np.random.default_rng(0)
    layers = {
        f"l{i}": [LayerOption(name, int(rng.integers(1, 50)), float(rng.random())) for name in ("a", "b", "c")]
        for i in range(5)
    }
    everything = [
        Mix(sum(o.n_bytes for o in chosen), sum(o.error for o in chosen), tuple(o.name for o in chosen))
        for chosen in itertools.product(*layers.values())
    ]
    front = pareto_front(layers)
    assert [(p.n_bytes, round(p.error, 9)) for p in front] == [
        (p.n_bytes, round(p.error, 9)) for p in undominated(everything)
    ]


def test_a_front_gets_more_accurate_as_it_grows():
    mixes = [Mix(3, 1.0, ("x",)), Mix(1, 2.0, ("y",)), Mix(2, 2.5, ("z",)), Mix(3, 0.5, ("w",))]
    assert [mix.schemes[0] for mix in undominated(mixes)] == ["y", "w"]
