from __future__ import annotations

from molq.results.accuracy import Agreement
from molq.results.fidelity import Fidelity
from molq.results.mixed import ExecutedMix, LayerOption, MixedSearch, PredictedMix
from molq.results.plain import plain

FIDELITY = Fidelity(1e-4, 1e-3, 30.0, Agreement(1.0, 0.9, 0.99, 0.1), None, None)


def test_the_fidelity_of_a_mix_lies_beside_its_size() -> None:
    mix = ExecutedMix({"a": "int8", "b": "fp16"}, 1000, 2e-4, FIDELITY)
    found = plain(MixedSearch(mix, (mix,), (PredictedMix(900, 3e-4),), {"a": (LayerOption("int8", 10, 1e-4),)}))
    assert found["chosen"] == found["executed"][0]
    assert list(found["chosen"])[:4] == ["layers", "size_bytes", "predicted_score_mse", "score_mse"]
    assert found["chosen"]["hit_overlap_5pct"] == 0.9
    assert found["chosen"]["loss"] is None
    assert found["predicted_front"] == [{"size_bytes": 900, "predicted_score_mse": 3e-4}]
    assert found["options"] == {"a": [{"name": "int8", "n_bytes": 10, "error": 1e-4}]}
