from __future__ import annotations

import asyncio
import io
import json
import zipfile

import msgspec
import openpyxl
import pyarrow.parquet as pq
import pytest
from rdkit import Chem
from server_jobs import JOB

import molq
from molq.server.routes.jobs import _events

TABLE = b"id,smiles\n" + b"".join(b"m%d,%sO\n" % (i, b"C" * (1 + i % 20)) for i in range(600)) + b"bad,C(\n"


@pytest.fixture(scope="module")
def done(client):
    """A job that has ended, and what was told of it meanwhile."""
    sent = client.post("/v1/jobs?model=bace-dmpnn&filename=../my%20lib.csv", content=TABLE)
    assert sent.status_code == 201
    job = sent.json()
    assert sent.headers["location"] == f"/v1/jobs/{job['id']}"
    events = client.get(f"/v1/jobs/{job['id']}/events")
    return [json.loads(line[6:]) for line in events.text.splitlines() if line.startswith("data: ")]


def test_a_job_is_followed_to_its_end(client, done, tmp_path):
    last = done[-1]
    assert last["state"] == "done", last["message"]
    assert (last["rows_done"], last["scored"], last["rejected"]) == (601, 600, 1)
    assert last["filename"] == "my lib.csv"
    assert last["reasons"]
    assert client.get(f"/v1/jobs/{last['id']}").json() == last
    assert last in client.get("/v1/jobs").json()["jobs"]
    (tmp_path / "in.csv").write_bytes(TABLE)
    molq.screen("bace-dmpnn", tmp_path / "in.csv", tmp_path / "out.csv", workers=0)
    answer = client.get(f"/v1/jobs/{last['id']}/result")
    assert answer.content == (tmp_path / "out.csv").read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="my lib-scores.csv"'


def test_results_come_in_other_forms(client, done):
    place = f"/v1/jobs/{done[-1]['id']}"
    table = pq.read_table(io.BytesIO(client.get(f"{place}/result?format=parquet").content))
    assert table.num_rows == 601
    content = io.BytesIO(client.get(f"{place}/result?format=xlsx").content)
    sheet = openpyxl.load_workbook(content).active
    assert sheet.max_row == 602
    assert sheet["A1"].value == "structure"
    with zipfile.ZipFile(content) as archive:  # each picture once, however often it stands in the sheet
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 20
    supplier = Chem.SDMolSupplier()
    supplier.SetData(client.get(f"{place}/result?format=sdf").text)
    assert len(supplier) == 601
    assert supplier[0].GetProp("_Name") == "m0"
    best = client.get(f"{place}/best?n=3").json()
    scores = table["Class"].to_pylist()
    assert [row["row"] for row in best["rows"]] == sorted(range(600), key=lambda row: (-scores[row], row))[:3]
    assert client.get(f"{place}/best?column=x").status_code == 422
    assert client.get(f"{place}/best?n=0").status_code == 422
    assert client.get(f"{place}/result?format=exe").status_code == 422


@pytest.mark.parametrize(
    ("query", "body", "words"),
    [
        ("", TABLE, None),
        ("?model=nobody", TABLE, "no model 'nobody'"),
        ("?model=bace-dmpnn", b"", "the body is empty"),
        ("?model=bace-dmpnn&task=x", TABLE, "has a task 'x'"),
        ("?model=bace-dmpnn&top=0", TABLE, "`top` is 0"),
        ("?model=bace-dmpnn&top=many", TABLE, "`top`"),
        ("?model=bace-dmpnn&lowest=true", TABLE, "`lowest` has a meaning"),
        ("?top=3", TABLE, "`top` goes with one column"),
        ("?model=bace-dmpnn&column=a&column=a", TABLE, "twice"),
        ("?model=bace-dmpnn&threshold=inf", TABLE, "`threshold` is inf"),
        ("?model=bace-dmpnn&threshold=nan", TABLE, "`threshold` is nan"),
        ("?model=bace-dmpnn&format=docx", TABLE, "`format` 'docx' is none that is read"),
    ],
)
def test_what_cannot_be_a_job_is_told_at_once(client, query, body, words):
    before = len(client.get("/v1/jobs").json()["jobs"])
    answer = client.post(f"/v1/jobs{query}", content=body)
    if words is None:
        assert answer.status_code == 201
        assert client.delete(f"/v1/jobs/{answer.json()['id']}").status_code == 204
    else:
        assert answer.status_code == 422
        assert words in answer.json()["error"]["message"]
    assert len(client.get("/v1/jobs").json()["jobs"]) == before


def test_a_job_that_is_none_is_not_found(client):
    for method, path in (
        ("GET", ""), ("GET", "/events"), ("GET", "/result"), ("GET", "/best"), ("POST", "/cancel"), ("POST", "/resume"),
        ("DELETE", ""),
    ):  # fmt: skip
        assert client.request(method, f"/v1/jobs/..%2f..%2fx{path}").status_code == 404
        assert client.request(method, f"/v1/jobs/0123456789abcdef{path}").status_code == 404


def test_the_best_of_many_rows_fit_a_sheet(client, monkeypatch):
    monkeypatch.setattr("molq.server.jobs.results.MOST_ROWS", 20)
    monkeypatch.setattr("molq.server.routes.jobs._MOST_IMAGES", 3)
    id = client.post("/v1/jobs?model=bace-dmpnn&top=9", content=TABLE).json()["id"]
    client.get(f"/v1/jobs/{id}/events")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/v1/jobs/{id}/result?format=xlsx").content)).active
    assert (sheet.max_row, sheet["A1"].value) == (10, "first 3 drawn")
    assert client.delete(f"/v1/jobs/{id}").status_code == 204


def test_a_job_is_cancelled_and_goes_on(client):
    id = client.post("/v1/jobs?model=bace-dmpnn", content=TABLE).json()["id"]
    assert client.get(f"/v1/jobs/{id}/result").status_code == 409
    assert client.post(f"/v1/jobs/{id}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/v1/jobs/{id}/cancel").status_code == 409
    assert client.post(f"/v1/jobs/{id}/resume").json()["state"] in ("waiting", "running")
    assert client.delete(f"/v1/jobs/{id}").status_code == 204
    assert client.get(f"/v1/jobs/{id}").status_code == 404


def test_an_upload_that_is_refused_on_its_way_leaves_nothing(client, queue):
    before = queue.all()
    answer = client.post("/v1/jobs?model=bace-dmpnn", content=TABLE, headers={"content-encoding": "gzip"})
    assert answer.status_code == 415
    assert queue.all() == before
    assert len(list((queue.folder.path / "jobs").iterdir())) == len(before)


def test_bytes_that_are_only_promised_remove_nothing(client, queue, monkeypatch):
    id = client.post("/v1/jobs?model=bace-dmpnn", content=TABLE).json()["id"]
    client.get(f"/v1/jobs/{id}/events")
    monkeypatch.setattr(queue, "data_bytes", queue.kept_bytes() + 1000)
    for stated, status in ((queue.data_bytes + 1, 507), (1 << 60, 413)):
        answer = client.post("/v1/jobs?model=bace-dmpnn", content=b"C" * 10, headers={"content-length": str(stated)})
        assert answer.status_code == status
    assert client.get(f"/v1/jobs/{id}").status_code == 200
    monkeypatch.undo()
    assert client.delete(f"/v1/jobs/{id}").status_code == 204


def test_a_job_that_is_removed_while_its_file_comes_is_no_fault(client, queue):
    def pieces():
        yield TABLE[:100]
        (mine,) = (job for job in queue.all() if job.state == "uploading")
        queue.remove(mine.id)
        yield TABLE[100:]

    answer = client.post("/v1/jobs?model=bace-dmpnn", content=pieces())
    assert answer.status_code == 409, answer.text
    assert "was removed while its file was sent" in answer.json()["error"]["message"]


def test_the_best_of_a_job_for_low_scores_are_the_lowest(client):
    id = client.post("/v1/jobs?model=bace-dmpnn&top=5&lowest=true", content=TABLE).json()["id"]
    client.get(f"/v1/jobs/{id}/events")
    best = client.get(f"/v1/jobs/{id}/best").json()
    scores = [row["scores"]["Class"] for row in best["rows"]]
    assert best["lowest"] is True
    assert scores == sorted(scores)
    others = client.get(f"/v1/jobs/{id}/best?lowest=false").json()["rows"]
    assert [row["scores"]["Class"] for row in others] == scores[::-1]
    client.delete(f"/v1/jobs/{id}")


def test_a_result_without_rows_is_a_table_in_every_form(client):
    id = client.post("/v1/jobs?model=bace-dmpnn&threshold=2", content=TABLE).json()["id"]
    client.get(f"/v1/jobs/{id}/events")
    content = client.get(f"/v1/jobs/{id}/result?format=parquet").content
    assert pq.read_table(io.BytesIO(content)).num_rows == 0
    assert client.get(f"/v1/jobs/{id}/result?format=sdf").text == ""
    client.delete(f"/v1/jobs/{id}")


def test_who_waits_is_told_of_every_place_in_the_line():
    class Queue:
        places = iter([2, 2, 2, 2, 1, 1, 1, 1, 1])
        job = msgspec.structs.replace(JOB, state="waiting")

        def get(self, id):
            return self.job

        def place(self, id):
            place = next(self.places, None)
            if place is None:
                self.job = msgspec.structs.replace(JOB, state="cancelled")
            return place

    async def told():
        return [json.loads(event.partition(b"data: ")[2])["place"] async for event in _events("a1", Queue())]

    assert asyncio.run(told()) == [2, 1, None, None]


def test_a_result_that_somebody_took_away_is_gone(client, queue):
    id = client.post("/v1/jobs?model=bace-dmpnn", content=TABLE).json()["id"]
    client.get(f"/v1/jobs/{id}/events")
    queue.folder.result(id).unlink()
    for path in ("result", "result?format=xlsx", "result?format=sdf", "best"):
        assert client.get(f"/v1/jobs/{id}/{path}").status_code == 410, path
    client.delete(f"/v1/jobs/{id}")
