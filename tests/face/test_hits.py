"""molq.hits and molq.write_hits, as a notebook calls them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import molq
from molq.errors import InputError, OutputError

SMILES = ["CCO", "CCN", "CCC", "CCCl", "c1cc"]


@pytest.fixture
def frame():
    return pd.DataFrame({"smiles": SMILES, "p": np.array([0.1, 0.7, np.nan, 0.5, 0.9], np.float32), "n": list("abcde")})


def test_a_data_frame_gives_what_its_file_gives(frame, tmp_path):
    frame.to_csv(tmp_path / "s.csv", index=False)
    of_file = molq.hits(tmp_path / "s.csv", top=4)
    assert of_file.source == str(tmp_path / "s.csv")
    assert [hit.smiles for hit in of_file.hits] == ["CCN", "CCCl", "CCO"]
    for given in (frame, pl.from_pandas(frame)):
        found = molq.hits(given, top=4)
        assert found.source == "DataFrame"
        assert [hit.rank for hit in found.hits] == [hit.rank for hit in of_file.hits] == [2, 3, 4]
        assert [hit.others for hit in found.hits] == [hit.others for hit in of_file.hits]
        np.testing.assert_allclose([hit.score for hit in found.hits], [0.7, 0.5, 0.1], rtol=1e-6)


def test_files_are_written_whole_or_not_at_all(frame, tmp_path):
    frame.to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(OutputError, match="is an input"):
        molq.write_hits(molq.hits(tmp_path / "s.csv"), tmp_path / "s.csv", force=True)
    found = molq.hits(frame)
    assert molq.write_hits(found, tmp_path / "h.csv") == [tmp_path / "h.csv"]
    with pytest.raises(OutputError, match="exists already"):
        molq.write_hits(found, [tmp_path / "i.csv", tmp_path / "h.csv"])
    assert not (tmp_path / "i.csv").exists()
    with pytest.raises(InputError, match="must end in"):
        molq.write_hits(found, [tmp_path / "i.csv", tmp_path / "h.doc"], force=True)
    assert not (tmp_path / "i.csv").exists()
    assert "CCN" in molq.write_hits(found, str(tmp_path / "h.csv"), force=True)[0].read_text()


def test_what_is_no_table_and_what_is_too_much(frame):
    for odd in (3, [1, 2], frame["p"]):
        with pytest.raises(InputError):
            molq.hits(odd)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="`top`"):
        molq.hits(frame, top=0)
    with pytest.raises(InputError, match="`property` takes texts"):
        molq.hits(frame, property=[5])  # type: ignore[list-item]


def test_no_file_of_several_is_overwritten(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("smiles,p\nCCO,0.5\nCCN,0.25\n")
    found = molq.hits([tmp_path / "a.csv", tmp_path / "b.csv"])
    with pytest.raises(OutputError, match="is an input"):
        molq.write_hits(found, tmp_path / "b.csv", force=True)


def test_molecules_in_memory_are_called_the_reference(frame):
    found = molq.hits(frame, reference=["CCO", "c1cc"])
    assert found.reference == "the reference: 1 molecule"
