from __future__ import annotations

import pytest

from molq.errors import InputError
from molq.remote.filesystem import located


def test_where_an_object_lies(s3_credentials):
    assert located("s3://bucket/a/b.csv").path == "bucket/a/b.csv"
    assert located("s3://anonymous@bucket/a/").path == "bucket/a"
    assert located("s3://bucket").path == "bucket"
    assert located("gs://anonymous@bucket/a b#c.csv").path == "bucket/a b#c.csv"
    assert located("s3://bucket/x").store is located("s3://bucket/y").store


def test_an_account_is_asked_for(monkeypatch):
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="set AZURE_STORAGE_ACCOUNT"):
        located("az://container/a.csv")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "lab")
    assert located("az://container/a.csv").path == "container/a.csv"
    assert located("abfss://container@lab.dfs.core.windows.net/a.csv").path == "container/a.csv"


def test_what_is_missing_is_said_in_a_line():
    with pytest.raises(InputError, match="no bucket is named; write s3://BUCKET/NAME"):
        located("s3:///a.csv")
    with pytest.raises(InputError, match=r"hdfs:// needs Java and Hadoop on this machine: install them") as caught:
        located("hdfs://namenode:8020/a.csv")
    assert "\n" not in str(caught.value)
