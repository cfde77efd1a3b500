"""Every damaged or odd library is either screened with each row accounted for, or refused in one clear line."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from rdkit import Chem

from molq.chem import molblocks
from molq.chem.judge import are_smiles
from molq.chem.table import read_table
from molq.errors import InputError
from molq.records.choice import Wanted
from molq.records.reader import open_library
from molq.results.screening import ScreenSummary
from molq.screening import read_chunk as module
from molq.screening.read_chunk import read_chunk, read_in_blocks


@pytest.fixture
def screened(fake_screen, tmp_path):
    """Write bytes to a file, screen it; the summary and the output rows. Chunks differ, the bytes must not.

    ``n_workers`` of the last of three: a process takes a second to start, and needs to for a few of the files alone.
    """

    def run(
        content: bytes, name: str = "library.csv", n_workers: int = 0, **options
    ) -> tuple[ScreenSummary, list[dict[str, str]]]:
        library = tmp_path / name
        library.write_bytes(content)
        outputs = []
        for workers, chunk_rows in ((0, 1000), (0, 1), (n_workers, 3)):
            out = tmp_path / f"out{workers}{chunk_rows}.csv"
            summary = fake_screen(library, out, workers=workers, chunk_rows=chunk_rows, force=True, **options)
            outputs.append(out.read_bytes())
        assert outputs[0] == outputs[1] == outputs[2]
        limit = csv.field_size_limit(1 << 24)
        with (tmp_path / "out01000.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        csv.field_size_limit(limit)
        assert summary.rows == len(rows) == summary.scored + summary.rejected
        assert sum(row["first"] != "" for row in rows) == summary.scored
        return summary, rows

    return run


def same_rows_as_records(path: Path, rows: list[dict[str, str]]) -> None:
    """The plain reader finds the same rows, and refuses at least none that were scored."""
    table = read_table(path)
    assert len(table.smiles) == len(rows)
    reasons = {rejected.row: rejected.reason for rejected in table.rejected}
    for i, (smiles, row) in enumerate(zip(table.smiles, rows, strict=True)):
        assert (row["rejected"] == reasons[i]) if i in reasons else (row["smiles"] == smiles)


def test_a_row_that_is_not_utf8_is_windows_1252_and_no_molecule_is_lost(screened, tmp_path):
    summary, rows = screened(b"id,smiles\nplain,CC\ncaf\xe9 \x80\x81,CCO\nna\xc3\xafve,CCN\nx,C\xb5C\n", n_workers=1)
    assert [row["id"] for row in rows] == ["plain", "café €\x81", "naïve", "x"]
    assert [row["rejected"] for row in rows] == ["", "", "", "unparsable SMILES: character 'µ' at position 2"]
    assert summary.rejected == 1
    same_rows_as_records(tmp_path / "library.csv", rows)


def test_nul_bytes(screened, tmp_path):
    _, rows = screened(b"smiles,id\nCC,a\nC\0C,b\nCCO,c\0\nCCN,d\n")
    assert [bool(row["rejected"]) for row in rows] == [False, True, True, False]
    assert rows[1]["rejected"] == "the row holds a NUL byte"
    same_rows_as_records(tmp_path / "library.csv", rows)
    _, rows = screened(b"CC a\nC\0C b\nCCO c\n", "library.smi")
    assert [bool(row["rejected"]) for row in rows] == [False, True, False]


def test_crlf_and_byte_order_mark(screened, tmp_path):
    _, rows = screened(b"\xef\xbb\xbfsmiles,id\r\nCC,a\r\n\r\nCCO,b\r\n")
    assert [(row["smiles"], row["id"]) for row in rows] == [("CC", "a"), ("CCO", "b")]
    _, rows = screened(b"\xef\xbb\xbfCC a\r\nCCO b\r\n", "library.smi")
    assert [(row["smiles"], row["id"]) for row in rows] == [("CC", "a"), ("CCO", "b")]


def test_quoted_line_breaks_and_delimiters(screened, tmp_path):
    content = b'id,smiles,note\n"a\nb",CC,"x, ""y"""\n"c,d",CCO,"one\n\n\nthree"\ne"f,CCN,g"\n'
    _, rows = screened(content, columns=["note"], n_workers=1)
    assert [row["id"] for row in rows] == ["a\nb", "c,d", 'e"f']
    assert [row["note"] for row in rows] == ['x, "y"', "one\n\n\nthree", 'g"']
    same_rows_as_records(tmp_path / "library.csv", rows)


def test_a_quote_that_never_closes_is_refused(fake_screen, tmp_path):
    library = tmp_path / "library.csv"
    library.write_text('smiles,id\nCC,a\nCCO,"b\nCCN,c\n')
    with pytest.raises(InputError, match=r"library\.csv: line 3 opens a quoted field that is not closed"):
        fake_screen(library, tmp_path / "out.csv", workers=0)


def test_rows_with_too_few_or_too_many_fields(screened, tmp_path):
    _, rows = screened(b"id,smiles,x\na,CC,1\nb\nc,CCO\nd,CCN,1,\ne,CCC,1,2\n,,\nf,CCCC,3\n")
    assert [row["rejected"] for row in rows] == [
        "", "1 field where the header has 3", "2 fields where the header has 3", "",
        "4 fields where the header has 3", "empty SMILES", "",
    ]  # fmt: skip
    same_rows_as_records(tmp_path / "library.csv", rows)


def test_missing_columns_are_refused(fake_screen, tmp_path):
    library = tmp_path / "library.csv"
    library.write_text("name,formula\nethane,C2H6\n")
    with pytest.raises(InputError, match=r"library\.csv: none of the columns 'name', 'formula' is a SMILES column"):
        fake_screen(library, tmp_path / "out.csv", workers=0)
    with pytest.raises(InputError, match=r"library\.csv: no column 'structure' among 'name', 'formula'"):
        fake_screen(library, tmp_path / "out.csv", smiles_column="structure", workers=0)


def test_a_named_smiles_column(screened):
    _, rows = screened(b"name,formula\nCC,C2H6\n", smiles_column="name", id_column="formula")
    assert (rows[0]["smiles"], rows[0]["id"]) == ("CC", "C2H6")


def test_duplicate_ids_stay_apart(screened):
    _, rows = screened(b"id,smiles\nx,CC\nx,CCO\nx,CC\n")
    assert [row["smiles"] for row in rows] == ["CC", "CCO", "CC"]
    assert rows[0]["first"] == rows[2]["first"] != rows[1]["first"]


@pytest.mark.parametrize("name", ["library.csv", "library.tsv", "library.smi", "library.sdf"])
def test_an_empty_file_is_refused(fake_screen, tmp_path, name):
    for content in (b"", b"\n\n", b"\xef\xbb\xbf"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=f"{name}: the file is empty"):
            fake_screen(tmp_path / name, tmp_path / "out.csv", workers=0)


def test_a_header_only(screened, fake_screen, tmp_path):
    summary, rows = screened(b"smiles,id\n")
    assert (summary.rows, rows) == (0, [])
    assert (tmp_path / "out01000.csv").read_text() == "smiles,id,first,second,rejected\n"
    fake_screen(tmp_path / "library.csv", tmp_path / "out.parquet", workers=0)
    fake_screen(tmp_path / "library.csv", tmp_path / "top.csv", workers=0, top=3, tasks=["first"])
    assert (tmp_path / "top.csv").read_text() == "row,smiles,id,first\n"


def test_a_line_of_a_megabyte(screened, tmp_path):
    _, rows = screened(b"smiles,id\nCC,a\n" + b"C" * 1_000_000 + b",b\nCCO," + b"x" * 1_000_000 + b"\nCCN,d\n")
    assert [bool(row["rejected"]) for row in rows] == [False, True, False, False]
    assert "1,000,000 characters" in rows[1]["rejected"]
    assert len(rows[2]["id"]) == 1_000_000
    same_rows_as_records(tmp_path / "library.csv", rows)


def test_a_line_without_end_is_refused(fake_screen, tmp_path):
    (tmp_path / "library.smi").write_bytes(b"CC\n" + b"C" * (17 << 20))
    with pytest.raises(InputError, match=r"library\.smi: line 2 is longer than 16 MiB"):
        fake_screen(tmp_path / "library.smi", tmp_path / "out.csv", workers=0)


def test_more_atoms_than_the_limit(screened):
    _, rows = screened(b"smiles\nCCCCCC\n" + b"C" * 21 + b"\n" + b"C" * 20 + b"\n", max_atoms=20)
    assert [row["rejected"] for row in rows] == ["", "21 heavy atoms, more than the limit of 20", ""]


def test_a_truncated_gzip_is_refused(fake_screen, tmp_path, smiles):
    whole = gzip.compress("\n".join(["smiles", *smiles]).encode())
    (tmp_path / "library.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"library\.csv\.gz: the gzip data end in the middle, after line \d+"):
        fake_screen(tmp_path / "library.csv.gz", tmp_path / "out.csv", workers=1, chunk_rows=10)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    (tmp_path / "library.csv.gz").write_bytes(damaged)
    with pytest.raises(InputError, match=r"library\.csv\.gz: cannot be read after line"):
        fake_screen(tmp_path / "library.csv.gz", tmp_path / "out.csv", workers=0)


def test_gzip_is_told_by_its_content(fake_screen, tmp_path):
    (tmp_path / "plain.smi.gz").write_text("CC a\n")
    (tmp_path / "zipped.smi").write_bytes(gzip.compress(b"CC a\n") + gzip.compress(b"CCO b\n"))
    assert fake_screen(tmp_path / "plain.smi.gz", tmp_path / "a.csv", workers=0).rows == 1
    assert fake_screen(tmp_path / "zipped.smi", tmp_path / "b.csv", workers=0).rows == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_wide_characters_and_old_line_ends_are_read(screened, encoding, end):
    text = end.join(["smiles,id", "CC,é", "CCO,b", "CCN,c"])
    _, rows = screened(text.encode(encoding))
    assert [(row["smiles"], row["id"]) for row in rows] == [("CC", "é"), ("CCO", "b"), ("CCN", "c")]


def test_smi_lines(screened, tmp_path):
    _, rows = screened(b"smiles name\nCC\tethane and more\n\n  CCO  \nCCN n|x\n", "library.smi", n_workers=1)
    assert [(row["smiles"], row["id"]) for row in rows] == [("CC", "ethane and more"), ("CCO", ""), ("CCN", "n|x")]
    same_rows_as_records(tmp_path / "library.smi", rows)


def test_missing_and_unknown_files(fake_screen, model, tmp_path):
    for name, message in (("nothing.csv", "no such file"), ("*.smi", "no file matches"), (".", "no file in this dir")):
        with pytest.raises(InputError, match=message):
            fake_screen(str(tmp_path / name), tmp_path / "out.csv", workers=0)
    (tmp_path / "library.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"library\.xlsx: not a readable Excel file"):
        fake_screen(tmp_path / "library.xlsx", tmp_path / "out.csv", workers=0)
    (tmp_path / "library.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        fake_screen(tmp_path / "library.parquet", tmp_path / "out.csv", workers=0)


@pytest.fixture
def sd_chunk(tmp_path):
    """A chunk of five mol blocks, the fourth of which is none, and its layout."""
    blocks = [Chem.MolToMolBlock(Chem.MolFromSmiles(text)) for text in ("OCC", "CC", "[U]", "N", "CN")]
    blocks[3] = "nothing\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
    (tmp_path / "library.sdf").write_text("".join(f"{block}$$$$\n" for block in blocks))
    reader = open_library(tmp_path / "library.sdf", Wanted(), are_smiles)
    (chunk,) = reader.chunks(100, 100)
    return chunk, reader.layouts[0]


def test_mol_blocks_spelled_in_announced_blocks_come_to_the_same(sd_chunk):
    whole, announced = read_chunk(*sd_chunk), []
    found = read_in_blocks(*sd_chunk, {}, [(3, 5), (0, 3)], announced.append)
    assert announced == [(3, 5), (0, 3)]
    assert found == whole
    assert whole.smiles.texts() == ["CCO", "CC", "[U]", "", "CN"]
    assert list(whole.rejected) == [3]


def spell_badly(monkeypatch, is_bad, error):
    def spell(block):
        if is_bad(block):
            raise error
        return molblocks.smiles_of_block(block)

    monkeypatch.setattr(module, "smiles_of_block", spell)


def test_a_mol_block_that_raises_costs_its_own_row_and_a_skipped_one_is_not_spelled(sd_chunk, monkeypatch):
    spell_badly(monkeypatch, lambda block: " U " in block, ValueError("too\nheavy"))
    found = read_in_blocks(*sd_chunk, {1}, [(0, 5)])
    assert found.smiles.texts() == ["CCO", "", "", "", "CN"]
    assert found.rejected.keys() == {2, 3}
    assert found.rejected[2] == "failed with ValueError: too heavy"


def test_a_fault_of_all_mol_blocks_or_of_the_machine_is_not_theirs(sd_chunk, monkeypatch):
    spell_badly(monkeypatch, lambda _: True, ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        read_in_blocks(*sd_chunk, {}, [(0, 5)])
    spell_badly(monkeypatch, lambda block: " U " in block, MemoryError())
    with pytest.raises(MemoryError):
        read_in_blocks(*sd_chunk, {}, [(0, 5)])
