from __future__ import annotations

from pathlib import Path

import pytest

from molq.errors import InputError, MolqError, MolqWarning
from molq.urls import is_url, name_in, no_scheme, object_of, seen, url_of
from molq.visible import one_line


@pytest.mark.parametrize("url", ["s3://b/k.csv", "gs://b/k", "az://c/k", "abfss://c@a.dfs.core.windows.net/k"])
def test_a_url_stays_one_through_pathlib(url):
    assert is_url(url)
    assert is_url(Path(url))
    assert url_of(Path(url)) == url
    assert url_of(Path(url).with_name("other")) == f"{url.rpartition('/')[0]}/other"


@pytest.mark.parametrize("text", ["a.csv", "C:/a", "s3:", "s3://", "ss3://b/k", "-", "file:///a", "/s3://b/k", 3, None])
def test_what_is_no_url(text):
    assert not is_url(text)


def test_an_object_is_the_same_whoever_asks_for_it():
    for url in ("s3://b/k", "s3://anonymous@b/k", "s3://KEY:SECRET@b/k", str(Path("s3://KEY:SECRET@b/k"))):
        assert object_of(url) == "s3://b/k"
    assert object_of("s3://b/k@l") == "s3://b/k@l"
    assert object_of("https://me:x@host:80/a?b") == "https://host:80/a?b"
    for url in ("abfss://c@a.dfs.core.windows.net/k", "az://account@c/k"):
        assert object_of(url) == url


@pytest.mark.parametrize("place", ["s3://b/k", "C:/a", "a.csv", "-", "a:b", "CC://", "C[C@H](N)/C", "https://h/a"])
def test_what_does_not_look_like_an_unknown_url(place):
    assert no_scheme(place) == ""


def test_names():
    assert name_in("s3://bucket/a/b.csv") == name_in("s3://bucket/a/b.csv/") == "b.csv"
    assert name_in("s3://bucket/what?.csv") == "what?.csv"
    assert name_in("https://h/a/b.csv?x=/c") == "b.csv"
    assert name_in("a/b.csv") == "b.csv"


SECRETS = [
    "https://me:SECRET@host/a.csv",
    "https://me:SEC/RET@host/a.csv",
    "https://me:SEC'RET@host/a.csv",
    "https://SECRET@host/a.csv",
    "https://host/o'brien/a.csv?sig=SEC'RET",
    "https://host/my library.csv?sig=SECRET",
    "https://host/a.csv?SECRET",
    "s3://AKIA:SEC/RET+x=@bucket/a.csv",
    "https://bucket.s3.amazonaws.com/a.csv?X-Amz-Credential=SECRET&X-Amz-Signature=SECRET",
    "https://account.blob.core.windows.net/c/a.csv?sv=2&sig=SECRET%3D",
    "abfss://c:SECRET@account.dfs.core.windows.net/a",
]


@pytest.mark.parametrize("url", SECRETS)
@pytest.mark.parametrize("around", ["{}", "{}: no such object", "'{}'", "molq screen M {} -o out.csv", "({}), read"])
def test_no_secret_is_seen(url, around):
    text = around.format(url)
    for form in (seen(text), str(InputError(text)), str(MolqWarning(text)), one_line(text)):
        assert "SEC" not in form
        assert "RET" not in form
        assert "***" in form
        assert form.endswith(around.partition("{}")[2])
    assert seen(seen(text)) == seen(text)


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/a:b@c.csv",
        "http://localhost:8000/a@b",
        "abfss://container@account.dfs.core.windows.net/a",
        "s3://bucket/lib-?.csv and s3://bucket/b.csv",
        "no URL: a=b@c?d=e",
        "https://host/a.csv is what? x=1",
        "C[C@H](N)/C=C/C",
    ],
)
def test_what_is_no_secret_stays(text):
    assert seen(text) == text


def test_a_path_gets_its_slashes_back():
    assert str(MolqError(f"{Path('s3://b/k')} exists")) == "s3://b/k exists"
