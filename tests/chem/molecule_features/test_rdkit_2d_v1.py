import numpy as np
import pytest
from rdkit import Chem

from molq.chem.molecule_features import rdkit_2d_v1 as module
from molq.chem.molecule_features.generator import Failure
from molq.chem.molecule_features.rdkit_2d_v1 import rdkit_2d_v1

BUTYLBENZENE = Chem.MolFromSmiles("CCCCCCc1ccccc1")


def test_the_population_is_that_of_descriptastorus() -> None:
    from descriptastorus.descriptors import rdDescriptors
    from descriptastorus.descriptors.dists import dists

    assert rdkit_2d_v1(normalized=False).columns == tuple(name for name, _ in rdDescriptors.RDKit2D().columns)
    for ours in module._population():
        distribution, parameters, low, high, _, _ = dists[ours.name]
        assert ours.distribution == {"gilbrat": "gibrat"}.get(distribution, distribution)
        assert ours[2:] == (low, high, parameters)


def test_shares_lie_between_0_and_1_and_rise_with_the_value() -> None:
    made = rdkit_2d_v1(normalized=True)
    small, large = (made.row(Chem.MolFromSmiles("C" * n)) for n in (3, 30))
    assert isinstance(small, np.ndarray)
    assert isinstance(large, np.ndarray)
    shares = made.finish(np.array([small, large]))
    assert ((shares >= 0) & (shares <= 1)).all()
    weight = made.columns.index("MolWt")
    assert shares[0, weight] < 0.1 < shares[1, weight]


def test_alkane_chains_are_counted_as_before_rdkit_2024() -> None:
    made = rdkit_2d_v1(normalized=False)
    row = made.row(BUTYLBENZENE)
    assert isinstance(row, np.ndarray)
    assert row[made.columns.index("fr_unbrch_alkane")] == 2


@pytest.mark.parametrize("normalized", [False, True])
def test_a_descriptor_on_which_rdkit_raises_is_not_defined(normalized: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_mol: Chem.Mol) -> float:
        raise RuntimeError

    listed = [(name, broken if name == "qed" else f) for name, f in module.Descriptors.descList]
    monkeypatch.setattr(module.Descriptors, "descList", listed)
    made = rdkit_2d_v1(normalized=normalized)
    row = made.row(BUTYLBENZENE)
    assert isinstance(row, np.ndarray)
    assert [made.columns[i] for i in np.flatnonzero(np.isnan(made.finish(row[None])[0]))] == ["qed"]


def test_a_molecule_that_rdkit_writes_and_does_not_read_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Chem, "MolToSmiles", lambda mol: "C(")
    failed = rdkit_2d_v1(normalized=False).row(BUTYLBENZENE)
    assert isinstance(failed, Failure)
    assert "RDKit does not read the SMILES that it writes for it" in failed.reason
