"""Files such as users and vendors have them, each with what a chemist expects of it: case, expected, got.

Every folder of ../shared/cases/library is read as a user would read it. What is expected of each stands in its
expected.txt; where molq does otherwise, docs/files.md says why.

    python bench/cases.py            the table; exit code 1 when a line differs
    python bench/cases.py 04 28      some of them
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np

from molq.chem.featurize import featurize
from molq.chem.table import MoleculeTable, read_table
from molq.data.column_split import column_split
from molq.data.labels import read_labelled
from molq.data.splits import make_split
from molq.errors import InputError
from molq.screening.screen import screen

ROOT = Path(__file__).parent.parent
LIBRARY = Path(os.environ.get("MOLQ_CASES") or ROOT.parent / "shared" / "cases" / "library")
MODEL = ROOT / "models" / "bace-dmpnn.molq"
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
BENZENE = "c1ccccc1"


class Line(NamedTuple):
    """One thing that is expected of a file."""

    what: str
    expected: object
    got: object


Check = Callable[[Path], Iterator[Line]]


def rows(path: Path | str, **options: object) -> list[tuple[str, str]] | str:
    """SMILES and id of each row, or the message of the error."""
    table = table_of(path, **options)
    return table if isinstance(table, str) else list(zip(table.smiles, table.ids or table.smiles, strict=True))


def smiles(path: Path | str, **options: object) -> list[str] | str:
    table = table_of(path, **options)
    return table if isinstance(table, str) else table.smiles


def table_of(path: Path | str, **options: object) -> MoleculeTable | str:
    try:
        return read_table(path, **options)  # type: ignore[arg-type]
    except InputError as error:
        return str(error)


def piped(path: Path, **options: object) -> list[tuple[str, str]] | str:
    """The rows of the same bytes on standard input."""
    with path.open("rb") as stream, mock.patch.object(sys, "stdin", mock.Mock(buffer=stream)):
        return rows("-", **options)


def refused(path: Path | str, *words: str, **options: object) -> bool:
    """Whether a file is refused in one line that holds all the words."""
    found = table_of(path, **options)
    return isinstance(found, str) and "\n" not in found and all(word in found for word in words)


def labels(path: Path, task: str, **options: object) -> Sequence[float | None] | str:
    """The labels of a task, None where one is missing, or the message of the error."""
    try:
        found = read_labelled(path, tasks=[task], **options)  # type: ignore[arg-type]
    except InputError as error:
        return str(error)
    return [None if np.isnan(value) else round(float(value), 4) for value in found.labels[:, 0]]


def n_labels(path: Path, task: str, wanted: float | None, **options: object) -> int:
    """How many labels of a task are the ``wanted`` one."""
    return [*labels(path, task, **options)].count(wanted)


def says(found: object, *words: str) -> bool:
    return isinstance(found, str) and all(word in found for word in words)


def screened(path: Path | list[str], **options: object) -> list[list[str]] | str:
    """The lines of a screen's output with the BACE model, or the message of the error."""
    import csv

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.csv"
        try:
            screen(str(MODEL), path, out, workers=0, **options)  # type: ignore[arg-type]
        except InputError as error:
            return str(error)
        with out.open(newline="") as file:
            return list(csv.reader(file))


def readers_agree(case: Path) -> Iterator[Line]:
    expected = rows(case / "lib.csv")
    assert isinstance(expected, list)
    for name in ("lib.tsv", "lib.smi", "lib.csv.gz", "lib.parquet", "dict.parquet", "view.parquet"):
        yield Line(name, expected, rows(case / name))
    yield Line("large.parquet", [text for text, _ in expected], smiles(case / "large.parquet"))
    for name in ("lib.csv", "lib.tsv", "lib.smi", "lib.csv.gz"):
        yield Line(f"{name} on a pipe", expected, piped(case / name))
    from molq.chem.identity import canonical_smiles

    canonical = [(canonical_smiles(text), name) for text, name in expected if featurize([text]).graphs.n_mols]
    for name in ("lib.sdf", "v3.sdf", "lib.sdf.gz"):
        found = rows(case / name)
        assert not isinstance(found, str)
        yield Line(name, canonical, [(canonical_smiles(text), title) for text, title in found])


def enamine(case: Path) -> Iterator[Line]:
    expected = ["m_22____101____202", "s_22____303____404", "s_22____505____606"]
    for name in ("Enamine_REAL_HAC_11.cxsmiles", "Enamine_REAL_HAC_11.cxsmiles.bz2", "real.smi", "real.smi.bz2"):
        yield Line(f"ids of {name}", expected, [row[1] for row in rows(case / name)])
        yield Line(f"rows of {name}", rows(case / "real.tsv"), rows(case / name))
    yield Line(
        "a kept column", ["151.165", "158.2", "206.28"], read_table(case / "real.smi", columns=["MW"]).columns["MW"]
    )


def zinc_tranches(case: Path) -> Iterator[Line]:
    yield Line("rows of the folder", 6, len(smiles(case / "zinc")))
    yield Line("carriage returns in ids", 0, sum("\r" in row[1] for row in rows(case / "zinc")))
    yield Line("rows of the pattern", 4, len(smiles(str(case / "zinc" / "*" / "*.smi"))))
    mixed = read_table(case / "mixed")
    yield Line("rows of the mixed folder: .txt, .bz2 and .cxsmiles too", 8, len(mixed.smiles))
    yield Line("what was not read is named", True, any("README" in note for note in mixed.notes))


def pubchem(case: Path) -> Iterator[Line]:
    expected = [
        ("CC(=O)OC(CC(=O)[O-])C[N+](C)(C)C", "1"),
        ("CC(=O)OC(CC(=O)O)C[N+](C)(C)C", "2"),
        (BENZENE, "241"),
        ("CCO", "702"),
    ]
    for name in ("CID-SMILES.gz", "CID-SMILES.smi", "CID-SMILES.tsv"):
        yield Line(name, expected, rows(case / name))
        yield Line(f"{name} on a pipe", expected, piped(case / name, smiles_column="2"))


def semicolons(case: Path) -> Iterator[Line]:
    expected = [(ASPIRIN, "CHEMBL25"), ("Cn1c(=O)c2c(ncn2C)n(C)c1=O", "CHEMBL113"), ("None", "CHEMBL9")]
    for name in ("chembl_download.csv", "chembl_download.tsv"):
        yield Line(name, expected, rows(case / name))
        yield Line(f"{name} on a pipe", expected, piped(case / name))
    yield Line("simple.csv", [("CCO", "ethanol"), (BENZENE, "benzene")], rows(case / "simple.csv"))


def decimal_commas(case: Path) -> Iterator[Line]:
    task = "measured log solubility in mols per litre"
    expected = labels(case / "us.csv", task)
    for name in ("commas.csv", "eu.csv"):
        yield Line(name, expected, labels(case / name, task))


def excel_csv(case: Path) -> Iterator[Line]:
    table = read_table(case / "x.csv", columns=["comment"])
    yield Line("rows", 8, len(table.smiles))
    yield Line(
        "refused",
        ["5 fields where the header has 3", "2 fields where the header has 3"],
        [r.reason for r in table.rejected],
    )
    yield Line("SMILES", ["CCO", "", "CCC", "CCN", "CCS", "CCCC"], table.smiles[:6])
    yield Line("a cell of two lines", "two\r\nlines", table.columns["comment"][2])


def molecule_is_a_name(case: Path) -> Iterator[Line]:
    yield Line("swissadme.csv", [ASPIRIN, "CCO"], smiles(case / "swissadme.csv"))
    yield Line("codes.csv", [(ASPIRIN, "CN"), ("CCO", "CO"), (BENZENE, "NO")], rows(case / "codes.csv"))
    yield Line("picture.csv", [(ASPIRIN, "aspirin"), ("CCO", "ethanol")], rows(case / "picture.csv"))
    yield Line("mol.csv", [(ASPIRIN, "mol_0001"), ("CCO", "mol_0002")], rows(case / "mol.csv"))


def tdc(case: Path) -> Iterator[Line]:
    table, same = case / "tdc.csv", case / "ok.csv"
    yield Line("found by its cells", smiles(same), smiles(table))
    yield Line("named", rows(table), rows(table, smiles_column="Drug", id_column="Drug_ID"))
    found = read_labelled(table, tasks=["Y"], smiles_column="Drug")
    split = column_split(table, "split", found, smiles_column="Drug")
    yield Line("all on a side of the stated split", len(found), len(split.train) + len(split.valid) + len(split.test))
    yield Line("labels", labels(same, "Y"), labels(table, "Y", smiles_column="Drug"))


def sdf_qualifiers(case: Path) -> Iterator[Line]:
    expected = {
        "IC50_nM": [">10000", "12.5", "< 1"],
        "note (>5 uM)": ["odd name", "x", ""],
        "comment": ["line 1\n> line 2 of the comment\nline 3", "", "ABC$$$$"],
        "pKi": ["", "7.1", ""],
    }
    found = read_table(case / "q.sdf", columns=list(expected)).columns
    for name, values in expected.items():
        yield Line(name, values, found[name])
    yield Line("a bound is no missing label", True, says(labels(case / "q.sdf", "IC50_nM"), "'>10000'", "censored"))


def sdf_missing_end(case: Path) -> Iterator[Line]:
    expected = {
        "last.sdf": ["asp", "eth"],
        "middle.sdf": ["asp", "eth", "benz", "amine"],
        "middle_data.sdf": ["asp", "eth", "benz", "amine"],
        "bad.sdf": ["asp", "bad5", "garbage", "eth", "benz", "amine"],
        "crlf.sdf": ["asp", "eth"],
        "trail.sdf": ["asp", "eth"],
        "mix.sdf": ["asp", "chlor", "eth"],
        "cut.sdf": ["asp", "benz"],
    }
    for name, ids in expected.items():
        yield Line(name, ids, [row[1] for row in rows(case / name)])
    bad = read_table(case / "bad.sdf")
    yield Line("bad.sdf: refused, with a reason", [1, 2, 4], [r.row for r in bad.rejected if r.reason])


def sdf_naughty_blocks(case: Path) -> Iterator[Line]:
    for name in ("blank.sdf", "empty.sdf", "sgroup.sdf", "nocounts.sdf"):
        table = read_table(case / name)
        yield Line(name, (3, [1]), (len(table.smiles), [r.row for r in table.rejected]))
    query = read_table(case / "query.sdf")
    yield Line("query.sdf", 8, len(query.smiles))
    yield Line("an unknown symbol is named", True, all(any(c.isalpha() for c in r.reason[21:]) for r in query.rejected))


def class_labels(case: Path) -> Iterator[Line]:
    expected = labels(case / "float.csv", "Class")
    for name in ("active.csv", "blank.csv", "bool.csv", "yn.csv"):
        yield Line(name, expected, labels(case / name, "Class"))
    yield Line(
        "how words are read is said",
        True,
        any("'Active'" in n for n in read_labelled(case / "active.csv", tasks=["Class"]).notes),
    )
    yield Line("gaps", n_labels(case / "na_ok.csv", "Class", None), n_labels(case / "na.csv", "Class", None))
    yield Line("an infinity is named", True, says(labels(case / "inf.csv", "Class"), "'inf'", "infinite"))
    for name in ("multi.csv", "pm.csv"):
        yield Line(f"{name} is a regression", "regression", read_labelled(case / name, tasks=["Class"]).kind)


def censored_labels(case: Path) -> Iterator[Line]:
    for name, n_bounds, n_tens in (("cens.csv", 8, 4), ("cens.sdf", 4, 4)):
        refusal = labels(case / name, "pIC50")
        yield Line(f"{name} is refused", True, says(refusal, "'>10'", "`censored`", "drop", "bound"))
        yield Line(f"{name}, dropped", n_bounds, n_labels(case / name, "pIC50", None, censored="drop"))
        yield Line(f"{name}, bound", n_tens, n_labels(case / name, "pIC50", 10.0, censored="bound"))
    yield Line("approx.csv", True, says(labels(case / "approx.csv", "pIC50"), "'~5.5'", "approximate"))


def duplicates(case: Path) -> Iterator[Line]:
    for name, task in (("dup.csv", "pIC50"), ("dupc.csv", "Class")):
        found = read_labelled(case / name, tasks=[task])
        yield Line(f"{name}: said", True, any("40 of them disagree" in note for note in found.notes))
        split = make_split(found.smiles, "random", 0, same=found.same)
        sides = [set(found.same[side].tolist()) for side in (split.train, split.valid, split.test)]
        yield Line(
            f"{name}: on two sides", 0, len(sides[0] & sides[1]) + len(sides[0] & sides[2]) + len(sides[1] & sides[2])
        )
    yield Line("mean", 40, len(read_labelled(case / "dup.csv", tasks=["pIC50"], duplicates="mean")))


def as_chemprop(table: str, plain: str) -> Check:
    """Refused exactly where chemprop (and so RDKit) makes no molecule."""

    def check(case: Path) -> Iterator[Line]:
        found = smiles(case / table)
        read = set(featurize(found).index.tolist())
        oracle = (case / plain).read_text(encoding="utf-8").splitlines()
        expected = [i for i, line in enumerate(oracle) if line.rsplit("\t", 1)[-1].startswith("[")]
        yield Line("rows", len(oracle), len(found))
        yield Line("molecules", expected, sorted(read))

    return check


def huge(case: Path) -> Iterator[Line]:
    texts = (case / "plain.txt").read_text().split()
    started = time.perf_counter()
    found = featurize(texts, 1000)
    yield Line("in a moment", True, time.perf_counter() - started < 10)
    yield Line("too large ones say so", True, all("limit of 1,000" in r.reason for r in found.rejected))


def wide_table(case: Path) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wide.csv"
        names = ",".join(["smiles", *(f"d{i}" for i in range(100_000))])
        path.write_text(
            "\n".join([names, *(f"{text}," + ",".join(["0"] * 100_000) for text in ("CCO", BENZENE))]) + "\n"
        )
        started = time.perf_counter()
        yield Line("100,000 columns", ["CCO", BENZENE], smiles(path, columns=["d99999"]))
        yield Line("in seconds", True, time.perf_counter() - started < 5)


def parquet_kinds(case: Path) -> Iterator[Line]:
    yield Line("hf", ["10", "20", "30", "40", "50"], [row[1] for row in rows(case / "hf.parquet")])
    for name, n_rows in (("dupname", 2), ("spaces", 2), ("nullcol", 2), ("empty", 0), ("pandas_index", 3)):
        yield Line(name, n_rows, len(smiles(case / f"{name}.parquet")))
    yield Line("a binary column called mol", ["CCO", "CCN"], smiles(case / "molbin.parquet"))
    for name in ("molbin_only", "listsmi", "notparquet"):
        yield Line(f"{name} is refused in a line", True, refused(case / f"{name}.parquet", name))
    for column in ("SELFIES", "x", "dec", "d", "b", "fp", "emb", "raw"):
        found = table_of(case / "hf.parquet", columns=[column])
        assert not isinstance(found, str)
        yield Line(f"column {column} as text", 5, len(found.columns[column]))
    yield Line("a folder of parts", 3, len(smiles(case / "part")))
    for name in ("label", "boollabel"):
        yield Line(name, True, set(labels(case / f"{name}.parquet", "Class")) <= {0.0, 1.0, None})


def windows_1252(case: Path) -> Iterator[Line]:
    yield Line(
        "cells.csv", [("CCO", "ethanol"), ("CCN", "amine"), (BENZENE, "Müller's benzene")], rows(case / "cells.csv")
    )
    yield Line("names.smi", [("CCO", "éthanol"), ("CCN", "amine")], rows(case / "names.smi"))
    for name in ("hdr.csv", "utf8.csv"):
        yield Line(name, ["1", "2"], read_table(case / name, columns=["IC50 (µM)"]).columns["IC50 (µM)"])


def smi_dialects(case: Path) -> Iterator[Line]:
    expected = {
        "quoted": [("CCO", "CCO"), (BENZENE, BENZENE)],
        "commas": [("CCO", "e1"), (BENZENE, "b1")],
        "idfirst": [("CCO", "CMPD-1"), (BENZENE, "CMPD-2")],
        "idfirst2": [(ASPIRIN, "CNS"), ("CCO", "NCCO"), (BENZENE, "BIOS")],
        "hdr2": [("CCO", "x1"), ("CCN", "x2")],
        "hdr3": [("CCO", "x1")],
        "three": [("CCO", "e1"), ("CCN", "a1")],
        "lead": [("CCO", "e1"), ("CCN", "a1")],
        "hdr4": [("CCO", "e1")],
        "hdr5": [("CCO", "e1")],
        "hdr6": [("CCO", "e1")],
    }
    for name, found in expected.items():
        got = rows(case / f"{name}.smi")
        assert not isinstance(got, str)
        yield Line(name, found, [(text, name or text) for text, name in got])


def columns_that_clash(case: Path) -> Iterator[Line]:
    names = ["Class", "Class.1", "smiles.1", "rejected", "row"]
    header = screened(case / "c.csv", columns=names)[0]
    yield Line("output names", len(header), len(set(header)))
    yield Line("input columns", True, {"input_Class", "input_rejected"} <= set(header))
    yield Line("a column twice", True, refused(case / "c.csv", "stands twice", columns=["Class", "Class"]))
    for name, first in (("d", "CCO"), ("e", "CCO"), ("f", "CCO")):
        yield Line(f"{name}.csv", first, smiles(case / f"{name}.csv")[0])
    yield Line("blanks around a name", ["1", "0"], read_table(case / "f.csv", columns=["Y"]).columns["Y"])
    yield Line("SDF: letter case aside", ["v1"], read_table(case / "g.sdf", columns=["vendor id"]).columns["vendor id"])
    for options in ({"columns": ["price"]}, {"id_column": "Vendor_ID"}, {"smiles_column": "nosuch"}):
        yield Line(f"SDF without {options}", True, refused(case / "g.sdf", "no column", **options))


def compressed(case: Path) -> Iterator[Line]:
    expected = [("CCO", "e"), ("CCN", "a"), (BENZENE, "b")]
    read = ("l.csv.bz2", "l.csv.xz", "l.csv.zip", "l.zip", "l.csv.zst", "multi.csv.gz", "notgz.csv.gz", "gz.csv")
    for name in (*read, "bz2named.csv", "zipnamed.csv", "x.csv"):
        yield Line(name, expected, rows(case / name))
    for name in ("l.csv.bz2", "l.zip"):
        yield Line(f"{name} on a pipe", expected, piped(case / name))
    yield Line("p.parquet on a pipe", [("CCO", "CCO")], piped(case / "p.parquet"))
    for name, word in (
        ("l.tgz", "tar -xf"),
        ("trunc.csv.gz", "end in the middle"),
        ("x.xlsx", "Excel"),
        ("j.jsonl", "JSON"),
    ):
        yield Line(f"{name} is refused", True, refused(case / name, word))


def stray_quotes(case: Path) -> Iterator[Line]:
    yield Line("q.tsv", [f"x{i}" for i in range(1, 7)], [row[1] for row in rows(case / "q.tsv")])
    yield Line("q.csv is refused by line", True, refused(case / "q.csv", "line 2", "not closed"))


def sdf_against_smiles(case: Path) -> Iterator[Line]:
    from rdkit import Chem

    texts = [line.split()[0] for line in (case / "z.smi").read_text().splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "z.sdf"
        with Chem.SDWriter(str(path)) as writer:
            for text in texts:
                writer.write(Chem.MolFromSmiles(text))
        got = smiles(path)
    expected = [Chem.MolToSmiles(mol) for mol in _through_blocks(texts)]
    yield Line("what is scored is RDKit's canonical SMILES of the mol block", expected, got)


def _through_blocks(texts: list[str]) -> list[object]:
    from rdkit import Chem

    return [Chem.MolFromMolBlock(Chem.MolToMolBlock(Chem.MolFromSmiles(text))) for text in texts]


def sdf_kinds(case: Path) -> Iterator[Line]:
    expected = [("CCO", "μ-éthanol 中文"), ("CCN", "amine"), ("CCC", "propane")]
    yield Line("enc.sdf", expected, rows(case / "enc.sdf"))


def all_rejected(case: Path) -> Iterator[Line]:
    yield Line("w.csv: screen fails and says why", True, says(screened(case / "w.csv"), "none of 3 rows", "ethanol"))
    yield Line("w.csv: so does the search for the best", True, says(screened(case / "w.csv", top=3), "none of 3 rows"))
    yield Line(
        "w.smi: the second column holds the SMILES", ["CHEMBL25", "CHEMBL113"], [r[1] for r in rows(case / "w.smi")]
    )
    yield Line("l.csv: labels", True, says(labels(case / "l.csv", "Class"), "no SMILES could be read", "ethanol"))


def line_ends(case: Path) -> Iterator[Line]:
    for name, ids in (("mix.smi", "abcde"), ("mix.csv", "abcde"), ("mix.tsv", "abce")):
        yield Line(name, list(ids), [row[1] for row in rows(case / name)])


def options_heard(case: Path) -> Iterator[Line]:
    expected = [(ASPIRIN, "100"), ("CCO", "101")]
    for name in ("b.tsv", "b.csv", "b.smi"):
        yield Line(name, expected, rows(case / name, smiles_column="Ligand SMILES"))
        yield Line(f"{name} on a pipe", expected, piped(case / name, smiles_column="Ligand SMILES"))
        yield Line(f"{name} without the column", True, refused(case / name, "nosuch", id_column="nosuch"))
    for parameter in ("smiles_column", "id_column"):
        yield Line(f"s.sdf, {parameter}", True, refused(case / "s.sdf", "nosuch", parameter, **{parameter: "nosuch"}))
    yield Line("letter case", [("C", "x1")], rows(case / "c.csv", id_column="id"))


def stdin_kind(case: Path) -> Iterator[Line]:
    for name in ("id.csv", "id.smi", "mb.csv", "tab.smi", "hdr.tsv", "blank.csv", "bom.csv", "pipe.csv"):
        found = rows(case / name)
        yield Line(
            name,
            True,
            isinstance(found, list) and len(found) > 0 and bool(featurize(smiles(case / name)).graphs.n_mols),
        )
        yield Line(f"{name} on a pipe", found, piped(case / name))


def cxsmiles(case: Path) -> Iterator[Line]:
    expected = rows(case / "x.csv")
    for name in ("x.smi", "x.tsv"):
        yield Line(name, expected, rows(case / name))
    yield Line("extensions are read", "CC=CC |c:1|", expected[3][0])


CASES: dict[str, Check] = {
    "01-readers-agree": readers_agree,
    "02-enamine-cxsmiles": enamine,
    "03-zinc-tranches": zinc_tranches,
    "04-pubchem-cid-smiles": pubchem,
    "06-chembl-web-semicolon": semicolons,
    "08-decimal-comma": decimal_commas,
    "09-excel-csv": excel_csv,
    "10-molecule-is-a-name": molecule_is_a_name,
    "11-tdc-drug": tdc,
    "14-sdf-qualifiers": sdf_qualifiers,
    "15-sdf-missing-end": sdf_missing_end,
    "16-sdf-naughty-blocks": sdf_naughty_blocks,
    "18-class-labels-train": class_labels,
    "19-censored-labels": censored_labels,
    "20-duplicates": duplicates,
    "21-metals-dative-odd-atoms": as_chemprop("m.csv", "oracle.txt"),
    "22-what-stands-in-smiles-columns": as_chemprop("k.csv", "oracle.txt"),
    "23-huge-molecules": huge,
    "24-wide-table": wide_table,
    "25-parquet-kinds": parquet_kinds,
    "26-windows-1252": windows_1252,
    "28-smi-dialects": smi_dialects,
    "29-columns-that-clash": columns_that_clash,
    "30-compressed": compressed,
    "31-stray-quotes": stray_quotes,
    "33-sdf-against-smiles": sdf_against_smiles,
    "34-sdf-kinds": sdf_kinds,
    "35-all-rejected": all_rejected,
    "36-mixed-line-ends": line_ends,
    "37-options-not-heard": options_heard,
    "38-stdin-kind": stdin_kind,
    "41-cxsmiles-by-reader": cxsmiles,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*")
    parser.add_argument("--library", type=Path, default=LIBRARY)
    options = parser.parse_args()
    n_wrong = 0
    for name, check in CASES.items():
        if options.numbers and name[:2] not in options.numbers:
            continue
        lines = list(check(options.library / name))
        wrong = [line for line in lines if line.expected != line.got]
        n_wrong += len(wrong)
        print(f"{name:<36}{len(lines) - len(wrong):>4} of {len(lines)} as expected")
        for line in wrong:
            print(f"    {line.what}\n        expected {line.expected!r}\n        got      {line.got!r}")
    sys.exit(bool(n_wrong))


if __name__ == "__main__":
    main()
