from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from msgspec import UNSET
from msgspec.structs import replace
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molq.chem.featurize import featurize
from molq.data.labels import load_dataset
from molq.engine.engine import Engine
from molq.engine.environment_set import atom_environments
from molq.errors import InputError
from molq.face.bundled import model_path
from molq.results.hits import Belief
from molq.store.molqfile import load
from molq.workflows.applicability.domain import domain_of
from molq.workflows.applicability.training_molecules import RADIUS

QUERIES = ["CC(=O)Oc1ccccc1C(=O)O", "C1CC", "", "O=C1N(C)C(=NC(=C1)CCc1ccc(cc1)-c1ccccc1)N", "[Na+].[Cl-]", "C"]


@pytest.fixture(scope="module")
def bundled():
    return load(model_path("esol-dmpnn"))


def bits(smiles):
    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint(Chem.MolFromSmiles(smiles))


def test_similarities_are_those_of_rdkit(bundled):
    reference, queries = load_dataset("esol").smiles[:150], load_dataset("bace").smiles[:40]
    beliefs = domain_of(bundled, reference).beliefs(queries)
    known = [bits(s) for s in reference]
    for text, belief in zip(queries, beliefs, strict=True):
        similarities = DataStructs.BulkTanimotoSimilarity(bits(text), known)
        assert belief.similarity == pytest.approx(max(similarities), abs=1e-6)
        assert belief.nearest == reference[int(np.argmax(similarities))]


def test_unseen_atoms_are_those_of_no_environment_of_the_reference(bundled):
    reference, queries = load_dataset("esol").smiles[:150], load_dataset("esol").smiles[150:220]
    held = set(atom_environments(featurize(reference).graphs, RADIUS).tolist())
    for text, belief in zip(queries, domain_of(bundled, reference).beliefs(queries), strict=True):
        of_atoms = atom_environments(featurize([text]).graphs, RADIUS).tolist()
        expected = np.mean([h not in held for h in of_atoms])
        assert expected - 1.01 / len(of_atoms) <= belief.unseen_environments <= expected
    assert {b.unseen_environments for b in domain_of(bundled, reference).beliefs(reference)} == {0.0}


def test_every_row_has_its_belief_in_its_place(bundled):
    domain = domain_of(bundled)
    beliefs = domain.beliefs(QUERIES)
    assert len(beliefs) == len(QUERIES)
    assert beliefs[1] == beliefs[2] == Belief()
    assert [domain.beliefs([text])[0] for text in QUERIES] == beliefs
    assert domain.beliefs([]) == []
    assert domain.beliefs(["c1cc"]) == [Belief()]


def test_a_training_molecule_is_inside_and_salt_is_not(bundled):
    domain = domain_of(bundled)
    known, salt = domain.beliefs([domain.reference.smiles[5], "[Na+].[Cl-]"])
    assert (known.similarity, known.unseen_environments, known.verdict) == (1.0, 0.0, "inside")
    assert known.nearest == domain.reference.smiles[5]
    assert salt.verdict == "outside"
    assert domain.source == "the 902 training molecules of esol"
    assert domain.size == 902


def test_a_file_tells_of_itself_what_its_molecules_tell(ensemble, small_data):
    trained_on = [small_data.labelled.smiles[i] for i in small_data.split.train]
    queries = load_dataset("bace").smiles[:60]
    own, given = domain_of(ensemble).beliefs(queries), domain_of(ensemble, trained_on).beliefs(queries)
    assert own == [replace(belief, nearest=None) for belief in given]
    assert all(belief.nearest in trained_on for belief in given)


def test_spreads_are_those_between_members(ensemble):
    queries = load_dataset("esol").smiles[:20]
    spreads = [belief.spread for belief in domain_of(ensemble).beliefs(queries, "active")]
    assert spreads == Engine(ensemble.network, spread=True).scores(featurize(queries).graphs)[:, 1].tolist()
    with pytest.raises(InputError, match="no task 'potency'"):
        domain_of(ensemble).beliefs(queries, "potency")


def test_without_a_training_set_members_are_asked_and_a_single_model_tells_nothing(ensemble, bundled):
    card = replace(ensemble.card, training_set=UNSET)
    domain = domain_of(ensemble._replace(card=card))
    assert (domain.source, domain.size) == (None, 0)
    [belief] = domain.beliefs(["CCO"])
    assert belief == Belief(spread=belief.spread)
    assert belief.spread is not None
    assert domain_of(bundled._replace(card=replace(bundled.card, training=None))) is None


def test_a_reference_of_one_molecule_is_near_to_itself_alone(bundled):
    itself, other = domain_of(bundled, ["c1ccccc1O"]).beliefs(["Oc1ccccc1", "CCCCCC"])
    assert (itself.similarity, itself.unseen_environments) == (1.0, 0.0)
    assert other.similarity < 0.2
    with pytest.raises(InputError, match=r"mine.csv: none of its 2 rows"):
        domain_of(bundled, ["", "x"], "mine.csv")


def test_threads_share_a_domain(ensemble):
    domain, queries = domain_of(ensemble), load_dataset("esol").smiles[:40]
    expected = domain.beliefs(queries)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(domain.beliefs, [queries] * 8))
