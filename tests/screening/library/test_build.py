from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from molq.chem.featurize import featurize
from molq.errors import InputError, OutputError
from molq.screening.library.build import build_library


def test_scores_and_rows_are_those_of_the_library(fake_screen, library, prepared, tmp_path):
    for name in ("out.csv", "out.parquet"):
        fake_screen(library, tmp_path / f"a-{name}", workers=0, columns=["price"])
        fake_screen(prepared, tmp_path / f"b-{name}", workers=2, columns=["price"])
        assert (tmp_path / f"a-{name}").read_bytes() == (tmp_path / f"b-{name}").read_bytes()


def test_same_bytes_for_any_workers_and_chunk_size(library, tmp_path):
    outputs = []
    for i, (workers, chunk_rows) in enumerate([(1, 1500), (2, 13)]):
        path = tmp_path / f"{i}.molqlib"
        build_library(library, path, workers=workers, chunk_rows=chunk_rows, shard_rows=600)
        outputs.append(path.read_bytes())
    assert outputs[0] == outputs[1]


def test_without_smiles(fake_screen, library, tmp_path):
    path = tmp_path / "bare.molqlib"
    build_library(library, path, keep_smiles=False, workers=1)
    fake_screen(path, tmp_path / "out.csv", workers=1)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "id,first,second,rejected"
    assert len(lines) == 1501


def test_any_parquet_reader_reads_it(prepared, smiles):
    table = pq.read_table(prepared)
    assert table.column("smiles").to_pylist()[:3] == smiles[:3]
    assert len(table.column("atoms")[0]) == featurize(smiles[:1]).graphs.atom_ptr[1]


def test_options(library, prepared, tmp_path):
    with pytest.raises(InputError, match=r"must end in \.molqlib"):
        build_library(library, tmp_path / "out.parquet")
    for max_atoms in (0, 70000):
        with pytest.raises(InputError, match=f"`max_atoms` is {max_atoms}: .* 1 to 65535 atoms"):
            build_library(library, tmp_path / "out.molqlib", max_atoms=max_atoms)
    before = prepared.read_bytes()
    with pytest.raises(OutputError, match="`force`"):
        build_library(library, prepared)
    with pytest.raises(OutputError, match="is an input"):
        build_library(prepared, prepared, force=True)
    assert prepared.read_bytes() == before
    assert build_library(library, prepared, force=True, workers=0, columns=["price"]).outputs == (str(prepared),)


def test_bytes_per_molecule(dataset, tmp_path):
    """At most 120 bytes a molecule without SMILES, with the ids of LIT-PCBA."""
    path = tmp_path / "mapk1.molqlib"
    summary = build_library(dataset("litpcba_mapk1.csv.gz", 5000), path, keep_smiles=False, workers=1)
    assert path.stat().st_size / summary.rows <= 120
