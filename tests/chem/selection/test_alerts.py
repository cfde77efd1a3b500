import pytest
from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molq.chem.selection.alerts import CATALOGS, Alerts, read_smarts
from molq.errors import InputError

SMILES = ["O=[N+]([O-])c1ccccc1", "Oc1ccccc1O", "CCO", "O=C1C=CC(=O)C=C1", "CC(=O)Cl"]


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_finds_what_rdkit_finds(name):
    parameters = FilterCatalogParams()
    parameters.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, name.upper()))
    catalog, alerts = FilterCatalog(parameters), Alerts([name.upper()])
    for smiles in SMILES:
        mol = Chem.MolFromSmiles(smiles)
        expected = {f"{name.upper()}: {match.GetDescription()}" for match in catalog.GetMatches(mol)}
        assert set(alerts.of(smiles)) == expected
        assert bool(expected) == catalog.HasMatch(mol)


@pytest.mark.parametrize(
    "text",
    [
        "[N+](=O)[O-] nitro group\n[C,N]=O carbonyl\n",
        "# mine\n\n[N+](=O)[O-]\tnitro group\n[C,N]=O\tcarbonyl\n",
        "smarts,name\n[N+](=O)[O-],nitro group\n[C,N]=O,carbonyl\n",
        'name,smarts\nnitro group,[N+](=O)[O-]\ncarbonyl,"[C,N]=O"\n',
        "nitro group\t[N+](=O)[O-]\ncarbonyl\t[C,N]=O\n",
        "\ufeff[N+](=O)[O-], nitro group\r\n[C,N]=O, carbonyl\r\n",
    ],
)
def test_the_usual_spellings_of_a_file_of_smarts(tmp_path, text):
    path = tmp_path / "mine.smarts"
    path.write_bytes(text.encode())
    alerts = Alerts([str(path)])
    assert alerts.names == ["mine"]
    assert alerts.of("O=[N+]([O-])c1ccccc1") == ("mine: nitro group", "mine: carbonyl")
    assert alerts.of("CC=O") == ("mine: carbonyl",)


def test_a_pattern_without_a_name_is_called_by_its_smarts(tmp_path):
    (tmp_path / "a").write_text("[C,N]=O\nS\n")
    assert [pattern.name for pattern in read_smarts(tmp_path / "a")] == ["[C,N]=O", "S"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("S thio\n[N+(=O nitro\n", "line 2: '\\[N\\+\\(=O nitro' holds no SMARTS"),
        ("", "holds no SMARTS"),
        ("# nothing\n", "holds no SMARTS"),
        ("smarts name\n", "holds no SMARTS"),
        ("\0\0\xff", "line 1"),
    ],
)
def test_what_is_no_smarts_is_an_error_that_names_the_line(tmp_path, text, says):
    path = tmp_path / "bad.smarts"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=says):
        read_smarts(path)


def test_an_unknown_filter_names_the_catalogs(tmp_path):
    with pytest.raises(InputError, match=r"No such file.*pains, brenk, nih, zinc"):
        Alerts([str(tmp_path / "painz")])
    with pytest.raises(InputError, match="names PAINS twice"):
        Alerts(["pains", "PAINS"])
