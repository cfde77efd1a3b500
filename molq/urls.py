"""Places by URL: which text is one, how it is taken apart, and what of it may be seen by others."""

from __future__ import annotations

import os
import re
from os import PathLike

STORES = ("s3", "gs", "az", "abfs", "abfss", "hdfs")
"""schemes that are read and written"""
_AZURE = ("az", "abfs", "abfss")
WEB = ("http", "https")
"""schemes that are read"""
_SCHEMES = "|".join((*STORES, *WEB))
_URL = re.compile(rf"({_SCHEMES}):/{{1,2}}(?=[^/])")
"""pathlib makes one slash of two, and a place that went through it is still the same place"""
_LIKE_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(?=[^/])")
_SECRET = re.compile(rf"(?<![a-z0-9])({_SCHEMES})://[^\s/@:\"]*:(?!\d+/)[^\s@\"]*@")
_TOKEN = re.compile(r"(?<![a-z0-9])(https?)://[^\s/@:\"]+@")
_QUERY = re.compile(rf"(?<![a-z0-9])((?:{_SCHEMES})://[^\n?\"]{{0,4096}}\?)[^\s\"<>]*=[^\s\"<>]*[^\s'\"<>:;,.)]")
"""a path may hold blanks and apostrophes"""
_WORD = re.compile(r"(?<![a-z0-9])(https?://[^\s?\"]{0,4096}\?)[^\s\"<>]*[^\s'\"<>:;,.)]")
"""a query of no = too, where no blank stands before it"""
_HALF = re.compile(rf"(?<![a-z0-9])({_SCHEMES}):/(?=[^/\s])")
_HIDDEN = "***"


def is_url(place: object) -> bool:
    """Whether a path or a text is a place in an object store or on a web server.

    >>> is_url("s3://bucket/library.csv"), is_url("library.csv")
    (True, False)
    """
    return isinstance(place, str | PathLike) and bool(_URL.match(str(place)))


def url_of(place: str | PathLike[str]) -> str:
    """The URL as it is written, of a text or of a path that was made of one; anything else as it is.

    >>> from pathlib import PurePosixPath
    >>> url_of(PurePosixPath("s3://bucket/library.csv"))
    's3://bucket/library.csv'
    """
    return _URL.sub(r"\1://", str(place), count=1) if is_url(place) else str(place)


def scheme_of(url: str) -> str:
    """``s3`` of ``s3://bucket/key``."""
    return url.partition(":")[0]


def no_scheme(place: str | PathLike[str]) -> str:
    """Words on what looks like a URL and is none that is known; "" for all else, such as a path that is there.

    >>> no_scheme("s3a://bucket/scores")
    's3a:// is not known; write one of s3:// gs:// az:// abfs:// abfss:// hdfs:// http:// https://'
    """
    found = _LIKE_URL.match(str(place))
    if found is None or is_url(place) or os.path.lexists(f"{found[1]}:"):
        return ""
    return f"{found[1]}:// is not known; write one of {' '.join(f'{scheme}://' for scheme in (*STORES, *WEB))}"


def name_in(url: str) -> str:
    """The last part of a path or of the path of a URL, without a query.

    >>> name_in("https://server/data/library.csv.gz?signature=1")
    'library.csv.gz'
    """
    if not is_url(url):
        return os.path.basename(url)
    rest = url_of(url).partition("://")[2]
    return (rest.partition("?")[0] if scheme_of(url) in WEB else rest).rstrip("/").rpartition("/")[2]


def object_of(url: str) -> str:
    """The URL without who asks for it: of one object the same, whatever credentials it is reached with.

    One of Azure is as it was: there an account or a container stands before the @.

    >>> object_of("s3://anonymous@bucket/library.csv")
    's3://bucket/library.csv'
    """
    scheme, _, rest = url_of(url).partition("://")
    authority, slash, path = rest.partition("/")
    return url_of(url) if scheme in _AZURE else f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def seen(text: str) -> str:
    """``text`` whose URLs hold no password, no key and no signature, and both their slashes.

    >>> seen("https://me:secret@server/a.csv?X-Amz-Signature=1f: no such file")
    'https://***@server/a.csv?***: no such file'
    """
    if ":/" not in text:
        return text
    text = _SECRET.sub(rf"\1://{_HIDDEN}@", _HALF.sub(r"\1://", text))
    text = _TOKEN.sub(rf"\1://{_HIDDEN}@", text)
    return _WORD.sub(rf"\1{_HIDDEN}", _QUERY.sub(rf"\1{_HIDDEN}", text))
