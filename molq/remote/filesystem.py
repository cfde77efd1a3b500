"""The store behind a URL, as pyarrow knows it; credentials are those that the tools of each store use."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from molq.errors import InputError
from molq.urls import scheme_of, url_of

ANONYMOUS = "anonymous"
"""a user who has no credentials and wants none: s3://anonymous@bucket/key"""
_CONNECT_S = 10.0
_ANSWER_S = 30.0
_ATTEMPTS = 4


class Located(NamedTuple):
    """An object, or a folder of objects."""

    store: Any
    """a pyarrow.fs.FileSystem"""
    path: str
    """bucket/key"""


def located(url: str) -> Located:
    """Where the object of a URL lies. Raises InputError when a bucket or the store's software is missing."""
    url = url_of(url)
    scheme, _, rest = url.partition("://")
    authority, _, key = rest.partition("/")
    if scheme in ("abfs", "abfss", "hdfs"):
        return _by_uri(url)
    user, _, bucket = authority.rpartition("@")
    if not bucket:
        raise InputError(f"{url}: no bucket is named; write {scheme}://BUCKET/NAME")
    return Located(_store(scheme, user, bucket, _endpoint(scheme)), f"{bucket}/{key}".rstrip("/") if key else bucket)


def _endpoint(scheme: str) -> str:
    """The server to ask instead of the usual one, "" for none."""
    names = {"s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), "gs": ("STORAGE_EMULATOR_HOST",)}.get(scheme, ())
    return next(filter(None, map(os.environ.get, names)), "")


@lru_cache(maxsize=64)
def _store(scheme: str, user: str, bucket: str, endpoint: str) -> Any:
    makers = {"s3": _s3, "gs": _gs, "az": _az}
    try:
        return makers[scheme](user, bucket, endpoint)
    except (ImportError, NotImplementedError) as error:
        raise InputError(f"{scheme}:// needs a pyarrow that was built with it: pip install 'pyarrow>=20'") from error


def _s3(user: str, bucket: str, endpoint: str) -> Any:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem, resolve_s3_region

    key, _, secret = user.partition(":")
    options: dict[str, Any] = {
        "background_writes": False,  # what is written is sent before more is taken, so memory stays flat
        "connect_timeout": _CONNECT_S,
        "request_timeout": _ANSWER_S,
        "retry_strategy": AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    }
    if user == ANONYMOUS:
        options["anonymous"] = True
    elif secret:
        options |= {"access_key": unquote(key), "secret_key": unquote(secret)}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        options |= {"endpoint_override": host.rstrip("/"), "scheme": scheme or "https"}
    elif not region:
        try:
            region = resolve_s3_region(bucket)
        except OSError:  # the store says why when it is asked for the object
            region = None
    return S3FileSystem(region=region, **options)


def _gs(user: str, _bucket: str, endpoint: str) -> Any:
    from datetime import timedelta

    from pyarrow.fs import GcsFileSystem

    options: dict[str, Any] = {"retry_time_limit": timedelta(minutes=2), "anonymous": user == ANONYMOUS}
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        options |= {"endpoint_override": host.rstrip("/"), "scheme": scheme or "http"}
    return GcsFileSystem(**options)


def _az(user: str, _container: str, _endpoint: str) -> Any:
    from pyarrow.fs import AzureFileSystem

    account = user or os.environ.get("AZURE_STORAGE_ACCOUNT") or os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
    if not account:
        raise InputError("az:// needs the name of a storage account: set AZURE_STORAGE_ACCOUNT")
    given = {
        "account_key": os.environ.get("AZURE_STORAGE_KEY") or os.environ.get("AZURE_STORAGE_ACCOUNT_KEY"),
        "sas_token": os.environ.get("AZURE_STORAGE_SAS_TOKEN"),
    }
    return AzureFileSystem(account, **{name: value for name, value in given.items() if value})


def _by_uri(url: str) -> Located:
    from pyarrow.fs import FileSystem

    try:
        return Located(*FileSystem.from_uri(url))
    except (OSError, ImportError, NotImplementedError, ValueError) as error:
        if scheme_of(url) == "hdfs" and ("libjvm" in str(error) or "libhdfs" in str(error)):
            raise InputError(
                "hdfs:// needs Java and Hadoop on this machine: install them, and set JAVA_HOME, HADOOP_HOME and"
                " CLASSPATH, which names every .jar file that Hadoop says it needs (hadoop classpath tells)"
            ) from error
        raise InputError(f"{url}: {' '.join(str(error).split())[:200]}") from error
