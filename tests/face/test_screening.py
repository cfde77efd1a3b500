from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

import molq
from molq.errors import InputError, OutputError
from molq.screening.screen import screen


def test_a_model_in_memory_screens_to_the_bytes_of_its_file(
    tmp_path: Path, folder: Path, classifier: molq.Model
) -> None:
    summary = molq.screen(classifier, folder / "library.smi", tmp_path / "a.csv", workers=1)
    screen(classifier.save(tmp_path / "m.molq"), folder / "library.smi", tmp_path / "b.csv", workers=1)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (summary.rows, summary.tasks) == (60, ("active",))


def test_several_models_in_one_pass_by_value_path_and_name(
    tmp_path: Path, folder: Path, classifier: molq.Model
) -> None:
    path = classifier.save(tmp_path / "m.molq")
    summary = molq.screen(["bace-dmpnn", path], [folder / "library.smi"], tmp_path / "out.parquet", workers=0)
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").num_rows == 60
    assert len(summary.tasks) == 2


def test_a_data_set_by_name_with_options(tmp_path: Path, classifier: molq.Model) -> None:
    molq.screen(classifier, "bace", tmp_path / "best.csv", top=5, columns=["Class"], workers=0)
    table = pyarrow.csv.read_csv(tmp_path / "best.csv")
    assert table.num_rows == 5
    assert {"Class", "active"} <= set(table.column_names)
    with pytest.raises(OutputError, match="`force`"):
        molq.screen(classifier, "bace", tmp_path / "best.csv", top=5, workers=0)
    with pytest.raises(InputError, match="neither a file nor a registered"):
        molq.screen(classifier, "bacce", tmp_path / "x.csv")


def test_an_interrupted_run_of_a_model_in_memory_is_continued(
    tmp_path: Path, folder: Path, classifier: molq.Model
) -> None:
    """The run is known by the content of the model."""
    library = tmp_path / "library.smi"
    library.write_text((folder / "library.smi").read_text() * 3)

    class Stop:
        def stage(self, name: str) -> None: ...

        def step(self, done: int, total: int | None) -> None:
            if done >= 100:
                raise KeyboardInterrupt

    options = {"workers": 0, "shard_rows": 50}
    expected, output = tmp_path / "whole.csv.gz", tmp_path / "out.csv.gz"
    molq.screen(classifier, library, expected, **options)
    many = tmp_path / "many.smi"
    many.write_text(library.read_text() * 4)
    molq.screen(classifier, many, tmp_path / "whole_many.csv.gz", **options)
    with pytest.raises(KeyboardInterrupt):
        molq.screen(classifier, many, output, progress=Stop(), **options)
    molq.screen(classifier, many, output, resume=True, **options)
    assert gzip.decompress(output.read_bytes()) == gzip.decompress((tmp_path / "whole_many.csv.gz").read_bytes())
