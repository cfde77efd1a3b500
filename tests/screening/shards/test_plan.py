from __future__ import annotations

from pathlib import Path

import pytest

from molq.errors import InputError
from molq.face.bundled import model_path
from molq.screening.shards import plan as module
from molq.screening.shards.plan import plan
from molq.screening.workers.job import ModelSource


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "library.csv"
    path.write_text("smiles\n" + "".join(f"{'C' * (1 + row % 20)}O\n" for row in range(900)))
    return path


def test_a_given_rate_needs_no_model_to_run(model, table):
    found = plan([model], table, cores=2, rate=0.05)
    assert (found.rows, found.measured_rows, found.output_bytes) == (900, 0, None)
    assert found.shards == 1, "nine hundred rows are few"
    assert found.models[0].core_hours == pytest.approx((900 / 0.05 + 8) / 3600)
    assert found.models[0].hours == pytest.approx(found.models[0].core_hours)


def test_shards_take_about_twenty_minutes_and_all_cores_have_as_many(model, tmp_path, monkeypatch):
    def many(open_shard, n_rows):
        return module.LibrarySample((), (), [], 10**9, True, ())

    monkeypatch.setattr(module, "sample_library", many)
    for cores in (16, 64, 640):
        found = plan([model], "nowhere.csv", cores=cores, rate=10_000)
        assert found.shards % cores == 0
        one = found.rows / found.shards / 10_000
        assert 600 < one < 2400 or found.shards == cores
        assert found.models[0].hours * cores == pytest.approx(found.models[0].core_hours)


def test_a_rate_is_measured_and_bytes_with_it(table):
    found = plan([model_path("bace-dmpnn")], table, cores=64)
    assert found.measured_rows == 900
    assert found.models[0].mols_per_s > 100
    assert 900 < (found.output_bytes or 0) < 900 * 100


def test_of_a_model_at_a_signed_address_the_name_alone_is_told(table, monkeypatch):
    monkeypatch.setattr(module, "read_model", lambda path: ModelSource(path, b"content"))
    found = plan(["https://server/m.molq?X-Amz-Signature=SEC/RET"], table, cores=2, rate=0.05)
    assert found.models[0].model == "m.molq"


def test_what_makes_no_sense_is_refused(model, table):
    for wrong in ({"cores": 0}, {"cores": 1, "rate": 0.0}, {"cores": 1, "rate": float("nan")}):
        with pytest.raises(InputError, match="must lie between"):
            plan([model], table, **wrong)
    with pytest.raises(InputError, match="no such model file"):
        plan(["nowhere.molq"], table, cores=1, rate=1)
