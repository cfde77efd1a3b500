import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem, rdBase

from molq.chem.featurize import Featurizer, featurize, graphs_of
from molq.chem.packed import ATOM_FIELDS, slice_graphs
from molq.chem.rdkit_featurize import featurize_with_rdkit
from molq.chem.recipe import PLAIN, Recipe
from molq.errors import InputError

GOOD = ["CCO", "c1ccccc1", "C", "CC(=O)Oc1ccccc1C(=O)O"]
BAD = ["", "[CH5]", "c1cccc1", "C(", "CC\udc80", "CC\0O", "C1CC"]
SEEDS = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)[O-].[Na+]",
    "F/C=C/c1cc[nH]c1",
    "O=C1c2ccccc2C(=O)N1C1CCC(=O)NC1=O",
    "[13CH3][N+](C)(C)CC#N",
    "[H][C@](F)(C[2H])N([H])C",
    "N->[Cu]<-N",
    "[O-][Cl+3]([O-])([O-])[O-]",
]


def assert_same(left, right):
    for name, a, b in zip(left.graphs._fields, left.graphs, right.graphs, strict=True):
        assert a.dtype == b.dtype, name
        assert a.shape == b.shape, name
        assert a.tobytes() == b.tobytes(), name
    assert left.index.tolist() == right.index.tolist()
    assert left.rejected == right.rejected


def assert_each_once(smiles, result):
    assert result.graphs.n_mols == len(result.index)
    assert sorted([*result.index.tolist(), *(r.row for r in result.rejected)]) == list(range(len(smiles)))
    assert all(r.smiles == smiles[r.row] and r.reason for r in result.rejected)


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("bbbp", None),
        ("bace", None),
        ("tox21", None),
        ("clintox", None),
        ("sider", None),
        ("hiv", 2500),
        ("moses_train", 2000),
        pytest.param("hiv", None, marks=pytest.mark.slow),
        pytest.param("moses_train", 50_000, marks=pytest.mark.slow),
    ],
)
def test_same_bytes_as_plain_rdkit(dataset_smiles, name, n):
    smiles = dataset_smiles(name, n)
    fast, plain = featurize(smiles), featurize_with_rdkit(smiles)
    assert len(fast.index) > 0.99 * len(smiles)
    assert_each_once(smiles, fast)
    assert_same(fast, plain)


RECIPES = [
    Recipe(hydrogens="explicit"),
    Recipe(hydrogens="kept", ignore_stereo=True),
    Recipe(hydrogens="kept+explicit"),
]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    ("name", "n"),
    [("bace", 300), ("tox21", 500), pytest.param("moses_train", 20_000, marks=pytest.mark.slow)],
)
def test_same_bytes_by_any_recipe(dataset_smiles, odd_smiles, name, n, recipe):
    smiles = [*dataset_smiles(name, n), *odd_smiles, "[H]C([H])([H])[H]", "[H][C@](F)(Cl)Br", "[SH6]", "C("]
    fast, plain = featurize(smiles, recipe=recipe), featurize_with_rdkit(smiles, recipe=recipe)
    assert_each_once(smiles, fast)
    assert_same(fast, plain)


def test_the_audit_asks_rdkit_for_the_graphs_of_the_recipe(dataset_smiles, monkeypatch):
    smiles, recipe = dataset_smiles("bace", 100), RECIPES[0]
    featurizer = Featurizer(audit_rate=1.0)
    right = featurizer.featurize(smiles, 1000, recipe)
    assert featurizer.n_audited > 50
    assert featurizer.difference is None
    monkeypatch.setattr("molq.chem.featurize.followed", lambda graphs, recipe: (graphs, np.ones(graphs.n_mols, bool)))
    found = featurizer.featurize(smiles, 1000, recipe)
    assert featurizer.difference in smiles
    assert_same(found, right)


def test_a_molecule_that_the_recipe_cannot_read_is_named():
    assert graphs_of(["C", "CC"], RECIPES[0]).atom_ptr.tolist() == [0, 5, 13]
    with pytest.raises(InputError, match=r"'C\(' cannot be read with explicit hydrogens: unparsable SMILES"):
        graphs_of(["C", "C("], RECIPES[0])


def test_same_bytes_on_odd_molecules(odd_smiles):
    fast = featurize(odd_smiles)
    assert not fast.rejected
    assert_same(fast, featurize_with_rdkit(odd_smiles))


@pytest.mark.parametrize("first", [1, 40, 80])
def test_every_isotope_of_every_element(first):
    table = Chem.GetPeriodicTable()
    smiles = [
        f"[{isotope or ''}{table.GetElementSymbol(z)}]"
        for z in range(first, min(first + 40, 119))
        for isotope in [0, *range(1, 320, 1 if z in (1, 6, 23, 25, 73, 90) else 7)]
    ]
    assert_same(featurize(smiles), featurize_with_rdkit(smiles))


def test_the_isotope_stands_only_where_it_changes_the_mass():
    atoms = featurize(["C", "[13CH4]", "[2H]", "[268Db]", "[7*]"]).graphs.atoms
    shift = np.uint64(ATOM_FIELDS["isotope"].shift)
    assert (atoms >> shift).tolist() == [0, 13, 2, 0, 0]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_molecule_spoils_no_other(bad):
    smiles = [*GOOD[:2], bad, *GOOD[2:]]
    result = featurize(smiles)
    assert result.index.tolist() == [0, 1, 3, 4]
    assert [r.row for r in result.rejected] == [2]
    alone = featurize(GOOD)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(result.graphs, alone.graphs, strict=True))


@pytest.mark.parametrize("n", [1, 255, 256, 257, 600])
def test_batches_equal_singles(n):
    smiles = [(GOOD + BAD)[(i * i) % (len(GOOD) + len(BAD))] for i in range(n)]
    together = featurize(smiles)
    assert_each_once(smiles, together)
    singles = {text: featurize([text]) for text in set(smiles)}
    for i, row in enumerate(together.index):
        one = slice_graphs(together.graphs, i, i + 1)
        alone = singles[smiles[row]].graphs
        assert all(a.tobytes() == b.tobytes() for a, b in zip(one, alone, strict=True))
    assert all(r.reason == singles[r.smiles].rejected[0].reason for r in together.rejected)


def test_a_molecule_without_bonds_is_a_molecule():
    graphs = featurize(["C", "[Na+].[Cl-]"]).graphs
    assert graphs.atom_ptr.tolist() == [0, 1, 3]
    assert graphs.bond_ptr.tolist() == [0, 0, 0]
    assert graphs.ends.shape == (0, 2)


def test_no_molecules_at_all():
    for smiles in ([], ["", "C("]):
        result = featurize(smiles)
        assert result.graphs.n_mols == 0
        assert len(result.rejected) == len(smiles)


@pytest.mark.parametrize("featurizer", [featurize, featurize_with_rdkit])
@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("", "empty SMILES"),
        ("   ", "empty SMILES"),
        ("O=CO[AlH3](OC=O)OC=O", "explicit valence for atom # 3 Al, 6, is greater than permitted"),
        ("c1cccc1", "can't kekulize mol. Unkekulized atoms: 0 1 2 3 4"),
        ("cc", "non-ring atom 0 marked aromatic"),
        ("C1CC", "unparsable SMILES: unclosed ring"),
        ("CC)", "unparsable SMILES: extra close parentheses at position 3"),
        ("hello", "unparsable SMILES: syntax error at position 1"),
        ("C1C1", "unparsable SMILES: ring closure 1 duplicates bond between atom 0 and atom 1"),
        ("C\udcff", "unparsable SMILES: characters that are not text"),
        ("CC" * 40 + "\u2212" + "O(" * 30, "unparsable SMILES: character '\u2212' at position 81"),
        ("C(C caf\u00e9", "unparsable SMILES: extra open parentheses at position 2"),
        ("C[CH5]\u00e9", "explicit valence for atom # 1 C, 6, is greater than permitted"),
        ("C" * 1203, "1,203 heavy atoms, more than the limit of 1,000"),
        ("[H]C([H])" * 1001, "1,001 heavy atoms, more than the limit of 1,000"),
        ("c1ccccc1" * 12_500, "75,000 heavy atoms, more than the limit of 1,000"),
        ("C" * 1_000_000, "1,000,000 characters, too many for a molecule of at most 1,000 atoms"),
        (".".join(["[2H][2H]"] * 501), "1,002 heavy atoms, more than the limit of 1,000"),
    ],
)
def test_reasons_a_chemist_understands(featurizer, smiles, reason):
    assert [r.reason for r in featurizer([smiles, "CC"]).rejected] == [reason]


@pytest.mark.parametrize("featurizer", [featurize, featurize_with_rdkit])
def test_the_limit_itself_is_allowed(featurizer):
    result = featurizer(["C" * 1000, "CCC", "CCCC", "[H]C([H])([H])C"])
    assert len(result.index) == 4
    assert featurizer(["CCC", "CCCC"], 3, RECIPES[0]).index.tolist() == [0]
    assert featurizer(["CCC", "CCCC", "[2H]CCC"], max_atoms=3).index.tolist() == [0]


def test_stderr_stays_silent_and_log_settings_stay(capfd):
    rdBase.DisableLog("rdApp.warning")
    before = rdBase.LogStatus()
    handlers = list(logging.getLogger("rdkit").handlers)
    try:
        featurize([*GOOD, *BAD, "[H+]", "[Fe+9]"])
        assert capfd.readouterr().err == ""
        assert rdBase.LogStatus() == before
        assert logging.getLogger("rdkit").handlers == handlers
        Chem.MolFromSmiles("C(")
        assert "syntax error" in capfd.readouterr().err
    finally:
        rdBase.EnableLog("rdApp.warning")


def test_reasons_do_not_depend_on_log_settings():
    rdBase.DisableLog("rdApp.error")
    try:
        assert featurize(["C1CC"]).rejected[0].reason == "unparsable SMILES: unclosed ring"
    finally:
        rdBase.EnableLog("rdApp.error")


@st.composite
def edited_smiles(draw):
    text = list(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 2))] = draw(
            st.text(max_size=2) | st.text("CNOclnos[]()=#@/\\+-123%.:H*$~> ", max_size=2)
        )
    return "".join(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(edited_smiles() | st.text(max_size=12), max_size=6), st.sampled_from([PLAIN, *RECIPES]))
def test_any_text_comes_back_once_and_alike(smiles, recipe):
    fast = featurize(smiles, 25, recipe)
    assert_each_once(smiles, fast)
    assert_same(fast, featurize_with_rdkit(smiles, 25, recipe))
