"""What lies at a URL, opened in the way of its scheme."""

from __future__ import annotations

from molq.remote.objects import StoreRanges
from molq.remote.ranges import ObjectState, Ranges
from molq.urls import WEB, scheme_of, url_of


def ranges_of(url: str) -> Ranges:
    """The object at a URL, with its state now. Raises OSError when there is none, or none that may be read."""
    url = url_of(url)
    if scheme_of(url) not in WEB:
        return StoreRanges(url)
    from molq.remote.web import WebRanges  # what it imports is of no use to who reads files

    return WebRanges(url)


def state_at(url: str) -> ObjectState | None:
    """The state of the object at a URL, None where there is none. Raises OSError when the store does not say."""
    try:
        found = ranges_of(url)
    except (FileNotFoundError, IsADirectoryError):
        return None
    try:
        return found.told
    finally:
        found.close()
