from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from fake_runs import OnStep
from fake_runs import screen as screen_with_fakes
from fake_scorers import DescriptorScorer
from heard import Heard

from molq.chem.featurize import featurize
from molq.chem.table import read_table
from molq.errors import InputError, OutputError
from molq.screening.screen import screen


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def in_memory(library: Path) -> list[dict[str, str]]:
    """The same table made the plain way, without streaming."""
    read = read_table(library)
    found = featurize(read.smiles)
    scores = DescriptorScorer().scores(found.graphs)
    cells = zip(read.smiles, read.ids, strict=True)
    table = [{"smiles": s, "id": name, "first": "", "second": "", "rejected": ""} for s, name in cells]
    for row, (first, second) in zip(found.index.tolist(), scores, strict=True):
        table[row] |= {"first": first, "second": second}
    for refusal in found.rejected:
        table[refusal.row]["rejected"] = refusal.reason
    return table


def test_streamed_equals_in_memory(fake_screen, library, tmp_path):
    out = tmp_path / "out.csv"
    summary = fake_screen(library, out, workers=2, chunk_rows=64)
    expected = in_memory(library)
    found = rows_of(out)
    assert len(found) == len(expected) == summary.rows == 1500
    assert (summary.scored, summary.rejected) == (1485, 15)
    assert sum(summary.reasons.values()) == 15
    for got, want in zip(found, expected, strict=True):
        for task in ("first", "second"):
            got[task] = got[task] and np.float32(got[task])
        assert got == want


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_same_bytes_for_any_workers_and_chunk_size(fake_screen, library, tmp_path, suffix):
    settings = [(0, 512), (0, 1), (1, 500), (2, 7)] if suffix == ".csv" else [(0, 512), (2, 7)]
    outputs = []
    for workers, chunk_rows in settings:
        out = tmp_path / f"{workers}-{chunk_rows}{suffix}"
        fake_screen(library, out, workers=workers, chunk_rows=chunk_rows, shard_rows=600)
        outputs.append(out.read_bytes())
    assert all(output == outputs[0] for output in outputs)


def test_parquet_and_gzip_hold_what_csv_holds(fake_screen, library, tmp_path):
    for name in ("out.csv", "out.csv.gz", "out.parquet"):
        fake_screen(library, tmp_path / name, workers=0, shard_rows=400)
    text = (tmp_path / "out.csv").read_bytes()
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == text
    table = pq.read_table(tmp_path / "out.parquet")
    rows = rows_of(tmp_path / "out.csv")
    assert table.column_names == list(rows[0])
    assert table.column("id").to_pylist() == [row["id"] for row in rows]
    scores = [np.float32(row["first"]) if row["first"] else None for row in rows]
    assert table.column("first").to_pylist() == scores
    assert [reason or "" for reason in table.column("rejected").to_pylist()] == [row["rejected"] for row in rows]


def test_columns_and_tasks(fake_screen, library, tmp_path):
    out = tmp_path / "out.csv"
    fake_screen(library, out, workers=0, columns=["price"], tasks=["second"])
    rows = rows_of(out)
    assert list(rows[0]) == ["smiles", "id", "price", "second", "rejected"]
    assert [row["price"] for row in rows] == [str(i * 0.5) for i in range(1500)]
    with pytest.raises(InputError, match="no task 'third'"):
        fake_screen(library, tmp_path / "other.csv", workers=0, tasks=["third"])
    with pytest.raises(InputError, match="no column 'weight'"):
        fake_screen(library, tmp_path / "other.csv", workers=0, columns=["weight"])


@pytest.mark.parametrize("lowest", [False, True])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_top_is_the_head_of_the_sorted_table(fake_screen, library, tmp_path, lowest, suffix):
    fake_screen(library, tmp_path / "all.csv", workers=0)
    rows = [row | {"row": str(i)} for i, row in enumerate(rows_of(tmp_path / "all.csv")) if not row["rejected"]]
    summary = fake_screen(library, tmp_path / f"top{suffix}", workers=int(lowest), top=25, lowest=lowest, chunk_rows=50)
    assert summary.outputs == (str(tmp_path / f"top.first{suffix}"), str(tmp_path / f"top.second{suffix}"))
    assert summary.rows == 1500
    for task in ("first", "second"):
        sign = 1 if lowest else -1
        best = sorted(rows, key=lambda row: (sign * float(row[task]), int(row["row"])))[:25]
        path = tmp_path / f"top.{task}{suffix}"
        found = rows_of(path) if suffix == ".csv" else pq.read_table(path).to_pylist()
        assert [(int(row["row"]), row["id"]) for row in found] == [(int(row["row"]), row["id"]) for row in best]
        assert [np.float32(row[task]) for row in found] == [np.float32(row[task]) for row in best]


def test_top_of_one_task_is_one_file(fake_screen, library, tmp_path):
    summary = fake_screen(library, tmp_path / "top.csv.gz", workers=0, top=3, tasks=["first"])
    assert summary.outputs == (str(tmp_path / "top.csv.gz"),)
    lines = gzip.decompress((tmp_path / "top.csv.gz").read_bytes()).decode().splitlines()
    assert lines[0] == "row,smiles,id,first"
    assert len(lines) == 4


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_threshold_keeps_the_rows_that_reach_it(fake_screen, library, tmp_path, suffix):
    fake_screen(library, tmp_path / "all.csv", workers=0)
    rows = rows_of(tmp_path / "all.csv")
    fake_screen(
        library,
        tmp_path / f"hits{suffix}",
        workers=int(suffix == ".csv"),
        threshold=0.6,
        tasks=["first"],
        chunk_rows=33,
    )
    path = tmp_path / f"hits{suffix}"
    hits = rows_of(path) if suffix == ".csv" else pq.read_table(path).to_pylist()
    expected = [i for i, row in enumerate(rows) if row["first"] and np.float32(row["first"]) >= np.float32(0.6)]
    assert 0 < len(expected) < 1500
    assert [int(hit["row"]) for hit in hits] == expected


def test_several_files_are_one_library(fake_screen, tmp_path, smiles):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "a.smi").write_text("".join(f"{s} A{i}\n" for i, s in enumerate(smiles[:100])))
    (folder / "b.csv").write_text("name,smiles\n" + "".join(f"B{i},{s}\n" for i, s in enumerate(smiles[100:200])))
    with gzip.open(folder / "c.tsv.gz", "wt") as file:
        file.write("smiles\tname\n" + "".join(f"{s}\tC{i}\n" for i, s in enumerate(smiles[200:300])))
    (folder / "notes.txt").write_text("not a library")
    for library in (folder, str(folder / "*.[cst]*[iv]*"), sorted(folder.glob("?.*"))):
        out = tmp_path / "out.csv"
        summary = fake_screen(library, out, workers=0, chunk_rows=30, force=True)
        assert summary.rows == 300
        assert [row["smiles"] for row in rows_of(out)] == smiles[:300]
        assert [row["id"] for row in rows_of(out)] == [f"{c}{i}" for c in "ABC" for i in range(100)]


def test_parquet_input(fake_screen, library, tmp_path):
    import pyarrow as pa

    rows = rows_of(library)
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    pq.write_table(table, tmp_path / "library.parquet", row_group_size=400)
    fake_screen(library, tmp_path / "a.csv", workers=0, columns=["price"])
    fake_screen(tmp_path / "library.parquet", tmp_path / "b.csv", workers=1, columns=["price"], chunk_rows=77)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_sdf_input(fake_screen, tmp_path, smiles):
    from rdkit import Chem

    with Chem.SDWriter(str(tmp_path / "library.sdf")) as writer:
        for i, text in enumerate(smiles[:60]):
            mol = Chem.MolFromSmiles(text)
            mol.SetProp("_Name", f"M{i}")
            mol.SetProp("price", str(i))
            writer.write(mol)
    with (tmp_path / "library.sdf").open("a") as file:
        file.write("broken\n\n\nnot a molecule\nM  END\n$$$$\n")
    summary = fake_screen(tmp_path / "library.sdf", tmp_path / "out.csv", workers=0, columns=["price"], chunk_rows=8)
    assert (summary.rows, summary.rejected) == (61, 1)
    rows = rows_of(tmp_path / "out.csv")
    assert [row["id"] for row in rows[:60]] == [f"M{i}" for i in range(60)]
    assert [row["price"] for row in rows[:60]] == [str(i) for i in range(60)]
    assert Chem.CanonSmiles(rows[5]["smiles"]) == Chem.CanonSmiles(smiles[5])
    assert "mol block" in rows[60]["rejected"]


def test_scores_print_as_the_shortest_text_that_gives_the_float_back(fake_screen, library, tmp_path):
    fake_screen(library, tmp_path / "out.csv", workers=0)
    for row, want in zip(rows_of(tmp_path / "out.csv"), in_memory(library), strict=True):
        if want["first"] != "":
            assert np.float32(row["first"]) == want["first"]
            assert len(row["first"]) <= len(repr(float(want["first"])))


def test_never_overwrites_an_input(fake_screen, library, model, tmp_path):
    before = library.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(library)
    for output in (library, link):
        with pytest.raises(OutputError, match="is an input"):
            fake_screen(library, output, force=True, workers=0)
    (tmp_path / "m.csv").symlink_to(model)
    with pytest.raises(OutputError, match="is an input"):
        fake_screen(library, tmp_path / "m.csv", force=True, workers=0)
    assert library.read_bytes() == before


def test_existing_output_needs_force(fake_screen, library, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("precious")
    with pytest.raises(OutputError, match="`force`"):
        fake_screen(library, out, workers=0)
    assert out.read_text() == "precious"
    fake_screen(library, out, workers=0, force=True)
    assert len(rows_of(out)) == 1500
    (tmp_path / "top.second.csv").write_text("precious")
    with pytest.raises(OutputError, match="`force`"):
        fake_screen(library, tmp_path / "top.csv", workers=0, top=3)
    assert not list(tmp_path.glob("*.molq-run"))


def test_options_that_make_no_sense(fake_screen, library, tmp_path):
    for options in ({"top": 0}, {"lowest": True}, {"workers": -1}):
        with pytest.raises(InputError):
            fake_screen(library, tmp_path / "out.csv", **options)
    for output in ("out.txt", "out"):
        with pytest.raises(InputError, match="must end in"):
            fake_screen(library, tmp_path / output)
    with pytest.raises(OutputError, match="no such directory"):
        fake_screen(library, tmp_path / "nowhere" / "out.csv")
    with pytest.raises(InputError, match="nothing to resume"):
        fake_screen(library, "-", resume=True)


def test_standard_output(fake_screen, library, tmp_path, capfdbinary):
    fake_screen(library, tmp_path / "out.csv", workers=0)
    fake_screen(library, "-", workers=1)
    assert capfdbinary.readouterr().out == (tmp_path / "out.csv").read_bytes()


def test_a_scorer_at_hand_runs_in_this_process(library, fake_screen, tmp_path):
    screen(DescriptorScorer(), library, tmp_path / "a.csv")
    fake_screen(library, tmp_path / "b.csv", workers=0)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_progress_ends_at_the_number_of_rows(fake_screen, library, tmp_path):
    heard = Heard()
    fake_screen(library, tmp_path / "out.csv", workers=0, chunk_rows=100, progress=heard)
    assert heard.stages == ["load", "screen"]
    seen = heard.steps["screen"]
    assert seen[-1] == (1500, 1500)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert all(total == 1500 for _, total in seen)


def test_two_models_in_one_pass(library, model, tmp_path):
    other = tmp_path / "other.molq"
    other.write_bytes(b"other")
    loader = "load_by_name"
    for name, models, workers in (("a", [model], 0), ("b", [other], 0), ("ab", [model, other], 1)):
        screen_with_fakes(models, library, tmp_path / f"{name}.csv", loader=loader, workers=workers)
    a, b, both = (rows_of(tmp_path / f"{name}.csv") for name in ("a", "b", "ab"))
    assert list(both[0]) == ["smiles", "id", "model first", "model second", "other first", "other second", "rejected"]
    assert both == [{**x, **y, "rejected": x["rejected"]} for x, y in zip(a, b, strict=True)]
    with pytest.raises(InputError, match="two models have a task 'first'"):
        screen_with_fakes([model, other], library, tmp_path / "c.csv", loader="load", workers=0)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_model_that_is_in_no_file_is_screened_and_resumed_as_one_that_is(tmp_path, library, workers):
    path = Path(__file__).parents[2] / "models" / "bace-dmpnn.molq"
    library.write_text("".join(library.read_text().splitlines(keepends=True)[:201]))
    screen(path, library, tmp_path / "a.csv", workers=0)

    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        raise Stop

    options = {"workers": workers, "shard_rows": 50}
    with pytest.raises(Stop):
        screen(path.read_bytes(), library, tmp_path / "b.csv", **options, progress=OnStep(stop))
    assert screen(path, library, tmp_path / "b.csv", **options, resume=True).resumed_rows == 50
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_the_parent_of_workers_needs_neither_chemistry_nor_torch():
    heavy = "{'torch', 'rdkit', 'numba', 'pyarrow', 'scipy'} & set(sys.modules)"
    code = f"import sys, molq.screening.screen; print({heavy})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "set()\n"
