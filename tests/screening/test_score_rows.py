from __future__ import annotations

import numpy as np
import pytest
from fake_scorers import BrokenScorer, DescriptorScorer
from sample_rows import rows_of

from molq.chem.featurize import featurize
from molq.chem.molecule_features import compute
from molq.chem.molecule_features.generator import Generator
from molq.chem.packed import take
from molq.chem.recipe import Recipe
from molq.errors import ShortageError, UnsupportedError
from molq.screening.rows import Rows
from molq.screening.score_rows import score_at_once, score_in_blocks, score_rows
from molq.screening.stopwatch import Stopwatch

SMILES = ["CCO", "C(", "c1ccccc1", "", "C" * 30, "CCN", "[Na+].[Cl-]"]


class Choosy(DescriptorScorer):
    """Raises on a batch that holds a molecule with nitrogen."""

    def scores(self, graphs):
        if ((graphs.atoms & np.uint64(0xFF)) == 7).any():
            raise ValueError("no  nitrogen\nplease")
        return super().scores(graphs)


def at_hand(rows: Rows) -> Rows:
    """The same rows, their graphs made before; those that have none are rejected."""
    made = featurize(rows.smiles, 20)
    rejected = rows.rejected | {refusal.row: refusal.reason for refusal in made.rejected}
    kept = [k for k, row in enumerate(made.index.tolist()) if row not in rejected]
    return rows._replace(smiles=[""] * len(rows.smiles), rejected=rejected, graphs=take(made.graphs, np.array(kept)))


def same(found, expected) -> None:
    np.testing.assert_array_equal(found.kept, expected.kept)
    np.testing.assert_array_equal(found.scores, expected.scores)
    assert found.rejected == expected.rejected


def test_every_row_is_kept_or_has_a_reason():
    found = score_rows(rows_of(SMILES, rejected={5: "a bad row"}), DescriptorScorer(), 20)
    assert found.kept.tolist() == [0, 2, 6]
    assert sorted(found.rejected) == [1, 3, 4, 5]
    assert found.rejected[5] == "a bad row"
    assert "more than the limit of 20" in found.rejected[4]
    assert found.scores.shape == (3, 2)
    assert found.scores.dtype == np.float32


class Described(DescriptorScorer):
    """The first and the last of what molecules bring beside their graphs."""

    recipe = Recipe(molecule_features=("charge", "v1_rdkit_2d"))

    def scores(self, graphs):
        assert graphs.extras.shape == (graphs.n_mols, 201)
        return graphs.extras[:, [0, -1]]


def test_molecule_features_come_with_the_rows_that_have_a_graph_and_are_a_stage(monkeypatch):
    smiles = [*SMILES, "[Na+]"]
    watch = Stopwatch()
    found = score_at_once(rows_of(smiles, rejected={5: "a bad row"}), Described(), 20, {}, watch)
    assert found.kept.tolist() == [0, 2, 6, 7]
    assert found.scores[:, 0].tolist() == [0, 0, 0, 1]
    assert set(watch.seconds) == {"pack", "features", "score"}
    assert watch.seconds["features"] > watch.seconds["pack"]
    blocks = [(4, 8), (0, 2), (2, 4)]
    same(score_in_blocks(rows_of(smiles, rejected={5: "a bad row"}), Described(), 20, {}, Stopwatch(), blocks), found)

    def fails(mol):
        if mol.GetNumAtoms() == 3:
            raise RuntimeError("Pre-condition Violation")
        return np.zeros(1)

    monkeypatch.setattr(compute, "generator", lambda _name: Generator(("size",), fails))
    monkeypatch.setattr(Described, "recipe", Recipe(molecule_features=("charge",)))
    monkeypatch.setattr(Described, "scores", lambda _self, graphs: graphs.extras[:, [0, 0]])
    found = score_at_once(rows_of(smiles), Described(), 20, {}, Stopwatch())
    assert found.kept.tolist() == [2, 6, 7]
    assert found.rejected[0] == found.rejected[5] == "pre-condition Violation"


@pytest.mark.parametrize("make", [lambda rows: rows, at_hand])
def test_blocks_in_any_order_come_to_the_same(make):
    rows = make(rows_of(SMILES, rejected={5: "a bad row"}))
    whole = score_at_once(rows, DescriptorScorer(), 20, {2: "it hangs"}, Stopwatch())
    for blocks in ([(0, 7)], [(i, i + 1) for i in range(7)], [(4, 7), (0, 2), (2, 4)], [(0, 3), (3, 3), (3, 7)]):
        announced = []
        found = score_in_blocks(rows, DescriptorScorer(), 20, {2: "it hangs"}, Stopwatch(), blocks, announced.append)
        same(found, whole)
        assert announced == [*(block for block in blocks if block[0] < block[1]), None]


def test_a_row_that_raises_is_rejected_and_no_other():
    found = score_rows(rows_of(SMILES), Choosy(), 1000)
    assert found.rejected[5] == "failed with ValueError: no nitrogen please"
    others = score_rows(rows_of(SMILES, rejected={5: found.rejected[5]}), DescriptorScorer(), 1000)
    same(found, others)


def test_a_scorer_that_fails_on_everything_is_at_fault_itself():
    with pytest.raises(RuntimeError, match="the model is broken"):
        score_rows(rows_of(["C", "CC"]), BrokenScorer(), 1000)
    assert score_rows(rows_of(["C", "C("]), BrokenScorer(), 1000).kept.tolist() == []


def test_an_error_of_ours_is_never_a_rejection():
    class Refusing(DescriptorScorer):
        def scores(self, graphs):
            raise UnsupportedError("not here")

    with pytest.raises(UnsupportedError):
        score_rows(rows_of(["C", "CC"]), Refusing(), 1000)


@pytest.mark.parametrize("smiles", [[], ["C("]])
def test_nothing_to_score(smiles):
    found = score_rows(rows_of(smiles), DescriptorScorer(), 1000)
    assert found.scores.shape == (0, 2)
    assert len(found.rejected) == len(smiles)


class Short(DescriptorScorer):
    """There is no memory for more than ``most`` molecules at once, and none for uranium."""

    def __init__(self, most):
        self.most = most

    def scores(self, graphs):
        if graphs.n_mols > self.most or ((graphs.atoms & np.uint64(0xFF)) == 92).any():
            raise MemoryError("Unable to allocate an array")
        return super().scores(graphs)


@pytest.mark.parametrize("most", [40, 1])
def test_smaller_blocks_help_a_machine_that_is_short(most):
    rows = rows_of(SMILES * 20)
    same(score_rows(rows, Short(most), 1000), score_rows(rows, DescriptorScorer(), 1000))


def test_a_shortage_that_stays_is_an_error_and_no_rejection():
    for smiles in (["C", "[U]"], ["[U]"]):
        with pytest.raises(MemoryError, match="ran short while molecules were scored") as caught:
            score_rows(rows_of(smiles), Short(40), 1000)
        assert isinstance(caught.value, ShortageError)


def test_a_worker_beside_others_does_not_even_take_rows_one_by_one():
    with pytest.raises(MemoryError, match="Unable to allocate"):
        score_in_blocks(rows_of(["C", "CC"]), Short(1), 1000, {}, Stopwatch(), [(0, 2)])


def test_only_a_text_beyond_the_ordinary_is_rejected_for_its_need_of_memory():
    class Bounded(DescriptorScorer):
        def scores(self, graphs):
            if (np.diff(graphs.atom_ptr) > 3000).any():
                raise MemoryError
            return super().scores(graphs)

    found = score_rows(rows_of(["C" * 12_000, "CC", "C" * 4]), Bounded(), 100_000)
    assert found.kept.tolist() == [1, 2]
    assert found.rejected == {0: "12,000 characters, for which there is not enough memory"}
    with pytest.raises(MemoryError):
        score_rows(rows_of(["C" * 9_000, "CC"]), Bounded(), 100_000)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_a_rejection_of_its_row_alone(value):
    class Overflowing(DescriptorScorer):
        def scores(self, graphs):
            found = super().scores(graphs)
            found[np.diff(graphs.atom_ptr) == 30, 1] = value
            return found

    plain, found = (score_rows(rows_of(SMILES), scorer, 1000) for scorer in (DescriptorScorer(), Overflowing()))
    at = plain.kept.tolist().index(4)
    assert found.rejected == plain.rejected | {4: "the model gives no number for second"}
    np.testing.assert_array_equal(found.kept, np.delete(plain.kept, at))
    np.testing.assert_array_equal(found.scores, np.delete(plain.scores, at, axis=0))
