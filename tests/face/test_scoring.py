from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from msgspec.structs import replace
from rdkit import Chem

from molq.chem.rdkit_featurize import featurize_with_rdkit
from molq.chem.recipe import Recipe
from molq.data.labels import load_dataset
from molq.engine.engine import Engine
from molq.face import scoring
from molq.face.scoring import Scoring
from molq.nn.predictor import Predictor


@pytest.fixture
def scorer(classifier) -> Scoring:
    return Scoring(load_network(classifier))


def load_network(model):
    return model._loaded.network


@pytest.fixture(scope="module")
def smiles() -> list[str]:
    return load_dataset("bace").smiles[:600]


def scores(scorer: Scoring, values: list[object]) -> np.ndarray:
    return np.concatenate([found.scores for found in scorer.chunks(values, 1000, False)])


def test_a_molecule_has_the_bits_of_its_smiles_alone_or_in_company(scorer: Scoring, smiles: list[str]) -> None:
    expected = scores(scorer, smiles)
    mols = [Chem.MolFromSmiles(s) if i % 3 else s for i, s in enumerate(smiles)]
    np.testing.assert_array_equal(scores(scorer, mols), expected)
    np.testing.assert_array_equal(scorer.score(smiles[7:8], 1000, False).scores, expected[7:8])
    np.testing.assert_array_equal(scores(scorer, smiles[::-1]), expected[::-1])


def test_smiles_and_molecules_are_read_by_the_recipe_of_the_network(classifier, smiles: list[str]) -> None:
    plain = load_network(classifier)
    explicit = Predictor(replace(plain.config, recipe=Recipe(hydrogens="explicit"))).eval()
    explicit.load_state_dict(plain.state_dict())
    found = scores(Scoring(explicit), [*smiles[:20], *map(Chem.MolFromSmiles, smiles[:20])])
    expected = Engine(plain).scores(featurize_with_rdkit(smiles[:20], recipe=explicit.recipe).graphs)
    np.testing.assert_array_equal(found, np.concatenate([expected, expected]))
    assert not np.allclose(expected, Engine(plain).scores(featurize_with_rdkit(smiles[:20]).graphs))


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_after_an_interrupted_call_the_next_one_is_right(
    scorer: Scoring, smiles: list[str], monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    expected = scores(scorer, smiles)
    monkeypatch.setattr(scoring, "score_rows", _interrupted(error))
    with pytest.raises(error):
        scorer.score(smiles[:10], 1000, False)
    monkeypatch.undo()
    assert not scorer._engines
    np.testing.assert_array_equal(scores(scorer, smiles), expected)


def _interrupted(error: type[BaseException]):
    def stop(rows, engine: Engine, *_others):
        """Fails when half of the state is changed."""
        engine._environments.clear()
        raise error

    return stop


def test_threads_share_one_model(scorer: Scoring, smiles: list[str]) -> None:
    expected = scores(scorer, smiles)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _i: scores(scorer, smiles), range(4)):
            np.testing.assert_array_equal(found, expected)


def test_scored_values_with_text_after_their_smiles_are_counted(scorer: Scoring) -> None:
    found = scorer.score(["CC O", "CCO", " CCN ", "C1CC x", None, "CC |c:0|"], 100, False)
    assert found.n_trailing == 1


def test_atoms_add_up_to_what_is_scored(scorer: Scoring, smiles: list[str]) -> None:
    scores = scorer.score(smiles, 1000, spread=False).scores[:, 0]
    explained = scorer.explain([None, *smiles, Chem.MolFromSmiles("CCO"), "c1cc", 3], None, 1000)
    for found, score in zip(explained.found[1 : len(smiles) + 1], scores, strict=True):
        assert found is not None
        assert 1 / (1 + np.exp(-found.baseline - sum(found.atoms))) == pytest.approx(score, abs=1e-6)
    assert sorted(explained.reasons) == [0, *range(len(smiles) + 1, len(smiles) + 4)]
    assert "give its SMILES" in explained.reasons[len(smiles) + 1]
    assert np.array_equal(scorer.score(smiles, 1000, spread=False).scores[:, 0], scores)
