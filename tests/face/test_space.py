"""A space from a notebook: in numbers, product by product, drawn and written."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from made_spaces import AMIDES

import molq
from molq.errors import InputError, OutputError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "amides.txt").write_text(AMIDES)
    return tmp_path / "amides.txt"


def test_a_space_in_numbers(path: Path) -> None:
    found = molq.space(path)
    assert len(found) == 6
    assert found.summary.reactions[0].synthons == (2, 3)
    assert found.summary.products == 6
    assert next(found.products).smiles == "CNC(=O)c1ccccc1"


def test_a_sample_is_written_whole_and_nothing_is_overwritten(path: Path, tmp_path: Path) -> None:
    sample = molq.space(path).sample(4, seed=3)
    out = molq.write_sample(sample, tmp_path / "s.csv")
    with open(out, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["smiles"], row["id"], row["reaction"]) for row in rows] == [
        (product.smiles, product.id, product.reaction) for product in sample.products
    ]
    with pytest.raises(OutputError):
        molq.write_sample(sample, out)
    with pytest.raises(OutputError, match="is an input"):
        molq.write_sample(sample, path, force=True)


def test_impossible_sizes_and_files_are_refused(path: Path) -> None:
    with pytest.raises(InputError, match="size"):
        molq.space(path).sample(0)
    with pytest.raises(InputError, match="no such file"):
        molq.space("none.txt")


def test_a_space_of_reagents_is_written_and_read_back(tmp_path: Path) -> None:
    (tmp_path / "acids.smi").write_text("CC(=O)O acetic acid\nOC(=O)c1ccccc1 benzoic\n")
    found = molq.space_from_reaction(
        "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]", [tmp_path / "acids.smi", ["NC", "NCC"]], name="my amides"
    )
    again = molq.space(found.save(tmp_path / "amides.txt"))
    assert [one.smiles for one in again.products] == [one.smiles for one in found.products]
    assert next(again.products).id.endswith(";NC;my_amides")
    with pytest.raises(OutputError):
        found.save(tmp_path / "amides.txt")


def test_what_ranks_by_a_sum_is_what_the_landscape_shows(path: Path) -> None:
    found = molq.space(path)
    best = found.screen("bace-dmpnn", score="1 - 2*Class", top=3, workers=0, sample_check=4)
    scores = molq.load("bace-dmpnn").predict([product.smiles for product in found.products])
    assert [hit.scores[-1] for hit in best.hits] == pytest.approx(sorted(1 - 2 * scores.ravel())[:-4:-1], abs=1e-6)
    (reaction,) = found.landscape(best, "bace-dmpnn").reactions
    assert reaction.mean == pytest.approx(float(np.mean(1 - 2 * scores)), abs=1e-6)


def test_what_products_may_share_is_one_of_two(path: Path) -> None:
    with pytest.raises(InputError, match="`diverse_by` must be synthon or reaction, not 'scaffold'"):
        molq.space(path).screen("bace-dmpnn", diverse_by="scaffold")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="`at_most` is of what products share by `diverse_by`"):
        molq.space(path).screen("bace-dmpnn", at_most=3)
