import pytest

from molq.errors import InputError
from molq.records.input.source import Source, find_sources, promised


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "text"),
        ("a.TSV.gz", "text"),
        ("a.cxsmiles.bz2", "text"),
        ("b.sdf.xz", "sdf"),
        ("b.mol", "sdf"),
        ("c.parquet.zst", "parquet"),
        ("c.xlsx", "xlsx"),
        ("c.zip", None),
        ("CID-SMILES.gz", None),
        ("README", None),
    ],
)
def test_what_a_name_promises(name, kind):
    assert promised(f"some.folder/{name}") == kind


def test_files_of_a_folder_in_order_and_those_of_other_kinds_named(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("z.smi", "b/a.csv", "b/notes.txt", "README", "b/plot.png", ".hidden"):
        (tmp_path / name).write_text("")
    found = find_sources(tmp_path)
    assert [source.path.removeprefix(f"{tmp_path}/") for source in found.sources] == ["b/a.csv", "b/notes.txt", "z.smi"]
    assert [source.optional for source in found.sources] == [False, True, False]
    assert found.notes == [f"{tmp_path}: 2 files are of another kind and not read: README, b/plot.png"]


def test_patterns_and_several_paths(tmp_path):
    for name in ("b.smi", "a.smi"):
        (tmp_path / name).write_text("")
    assert [s.path for s in find_sources(str(tmp_path / "*.smi")).sources] == [
        str(tmp_path / n) for n in ("a.smi", "b.smi")
    ]
    assert len(find_sources([tmp_path / "a.smi", tmp_path / "b.smi"]).sources) == 2


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ("nothing.csv", "nothing.csv: no such file"),
        ("s3a://bucket/a.csv", "s3a:// is not known; write one of s3://"),
        ("GS://bucket/*.csv", "GS:// is not known"),
        ("*.nothing", "no file matches this pattern"),
        ([], "no library given"),
        (["-", "-"], "is read alone, without other files"),
    ],
)
def test_what_is_not_there(library, message):
    with pytest.raises(InputError, match=message):
        find_sources(library)


def test_a_folder_of_other_files(tmp_path):
    (tmp_path / "a.pdf").write_text("")
    with pytest.raises(InputError, match="no file in this directory is of a kind that is read"):
        find_sources(tmp_path)


def test_an_unknown_format():
    with pytest.raises(InputError, match="`format` is one of csv, tsv, smi, sdf, parquet, feather, xlsx"):
        find_sources("-", "json")


def test_sizes(tmp_path):
    (tmp_path / "a.smi").write_text("CC\n")
    assert Source(str(tmp_path / "a.smi")).size_bytes == 3
    assert Source("a", data=b"CCC\n").size_bytes == 4
    assert Source("-").size_bytes is None
    assert Source("-").name == "standard input"
