import numpy as np
import pytest
from rdkit import Chem

from molq.chem.features import FEATURE_SETS, FeatureTable
from molq.chem.featurize import featurize
from molq.chem.packed import slice_graphs
from molq.chem.rdkit_featurize import pack_mol
from molq.errors import UnsupportedError

SIZES = {"V1": (133, 14), "V2": (72, 14), "ORGANIC": (44, 14), "RIGR": (52, 2)}


def chemprop_featurizer(name):
    from chemprop.featurizers import SimpleMoleculeMolGraphFeaturizer
    from chemprop.featurizers.atom import get_multi_hot_atom_featurizer
    from chemprop.featurizers.bond import MultiHotBondFeaturizer, RIGRBondFeaturizer

    bonds = RIGRBondFeaturizer() if name == "RIGR" else MultiHotBondFeaturizer()
    return SimpleMoleculeMolGraphFeaturizer(get_multi_hot_atom_featurizer(name), bonds)


def chemprop_cuik_graph(name, smiles):
    from chemprop.featurizers import CuikmolmakerMolGraphFeaturizer

    return CuikmolmakerMolGraphFeaturizer(atom_featurizer_mode=name)(smiles)


@pytest.fixture(scope="module")
def real_and_odd(dataset_smiles, odd_smiles):
    return [*odd_smiles, *dataset_smiles("hiv", 200), *dataset_smiles("tox21", 200), *dataset_smiles("clintox", 100)]


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_sizes(name):
    table = FeatureTable(name)
    assert (table.d_v, table.d_e) == SIZES[name]
    graphs = featurize(["CCO"]).graphs
    assert table.atoms(graphs.atoms).shape == (3, table.d_v)
    assert table.bonds(graphs.bonds).shape == (2, table.d_e)
    assert table.atoms(graphs.atoms).dtype == table.bonds(graphs.bonds).dtype == np.float32


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FEATURE_SETS)
def test_equal_to_chemprop_bit_for_bit(name, real_and_odd):
    table, chemprop = FeatureTable(name), chemprop_featurizer(name)
    result = featurize(real_and_odd)
    for i, row in enumerate(result.index):
        one = slice_graphs(result.graphs, i, i + 1)
        expected = chemprop(Chem.MolFromSmiles(real_and_odd[row]))
        assert table.atoms(one.atoms).tobytes() == np.ascontiguousarray(expected.V, np.float32).tobytes()
        bonds = np.repeat(table.bonds(one.bonds), 2, axis=0)
        assert bonds.tobytes() == np.ascontiguousarray(expected.E, np.float32).tobytes()
        edges = np.stack([one.ends, one.ends[:, ::-1]], axis=1).reshape(-1, 2).T
        assert edges.tolist() == expected.edge_index.tolist()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FEATURE_SETS)
def test_equal_to_chemprops_cuik_featurizer(name, dataset_smiles):
    """Bit for bit but for the mass, rounded before the division there: one unit in the last place."""
    table = FeatureTable(name)
    smiles = [*dataset_smiles("bace", 300), *dataset_smiles("sider", 200), "[13CH4]", "*C", "C[C@H](N)O", "F/C=C/F"]
    result = featurize(smiles)
    assert not result.rejected
    expected = chemprop_cuik_graph(name, smiles)
    atoms = table.atoms(result.graphs.atoms)
    assert atoms[:, :-1].tobytes() == np.ascontiguousarray(expected.V[:, :-1]).tobytes()
    np.testing.assert_array_max_ulp(atoms[:, -1], expected.V[:, -1].numpy(), maxulp=1)
    bonds = np.repeat(table.bonds(result.graphs.bonds), 2, axis=0)
    assert bonds.tobytes() == np.ascontiguousarray(expected.E).tobytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FEATURE_SETS)
@pytest.mark.parametrize("stereo", list(Chem.BondStereo.values.values()))
def test_every_bond_stereo_equals_chemprop(name, stereo):
    """Some never come from a SMILES."""
    mol = Chem.MolFromSmiles("CC=CC")
    mol.GetBondWithIdx(1).SetStereoAtoms(0, 3)
    mol.GetBondWithIdx(1).SetStereo(stereo)
    rows = FeatureTable(name).bonds(pack_mol(mol).bonds)
    assert rows.tolist() == chemprop_featurizer(name)(mol).E[::2].tolist()


@pytest.mark.filterwarnings("ignore")
def test_dative_bonds_follow_rdkit_where_cuik_calls_them_aromatic():
    bonds = featurize(["N->[Cu]"]).graphs.bonds
    ours = FeatureTable("V2").bonds(bonds)
    assert ours[0].tolist() == chemprop_featurizer("V2")(Chem.MolFromSmiles("N->[Cu]")).E[0].tolist()
    assert ours[0, 4] == 0
    assert chemprop_cuik_graph("V2", ["N->[Cu]"]).E[0, 4] == 1


def test_an_unknown_set_is_refused_by_name():
    with pytest.raises(UnsupportedError, match=r"'V3'.*V1, V2, ORGANIC, RIGR"):
        FeatureTable("V3")
