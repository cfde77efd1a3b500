"""A request to a store, made again where that may help, and what went wrong in a line where it does not."""

from __future__ import annotations

import errno
import random
import re
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import TypeVar

from molq.urls import seen

T = TypeVar("T")

ATTEMPTS = 5
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 10.0
_REFUSED = re.compile(
    r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_CLIENT_TOKEN_ID|EXPIRED_TOKEN|"
    r"UNRECOGNIZED_CLIENT|MISSING_AUTHENTICATION|PERMISSION_DENIED|UNAUTHENTICATED|Forbidden|"
    r"AuthenticationFailed|AuthorizationFailure|InvalidAuthenticationInfo|HTTP status 40[13]|HTTP Error 40[13]",
)
_OF_AWS = re.compile(r"AWS Error (\w+)(?: \((HTTP status \d+)\))? during \w+ operation: (.*)")
_LONGEST = 200
"""characters of what a store says"""
_GONE = re.compile(r"NO_SUCH_BUCKET|NO_SUCH_KEY|ContainerNotFound|BlobNotFound|HTTP Error 4(?:04|10)")


class RemoteError(OSError):
    """A store that did not do what it was asked; ``strerror`` says what, without secrets."""


class RemoteRefusedError(RemoteError):
    """A request that will be refused however often it is made."""


class RemoteChangedError(OSError):
    """An object that another has taken the place of while it was read."""


UNREADABLE = (RemoteError, RemoteChangedError, PermissionError, FileNotFoundError)
"""what is raised where bytes cannot be had, whatever they may hold"""


def retried(request: Callable[[], T], attempts: int | None = None) -> T:
    """What ``request`` gives, after up to ``ATTEMPTS`` trials with growing pauses.

    Raises FileNotFoundError, PermissionError and RemoteRefusedError at once, FileExistsError and RemoteChangedError as
    they are, and RemoteError for any other OSError or HTTPException of the last trial.
    """
    attempts = attempts or ATTEMPTS
    for attempt in range(attempts):
        try:
            return request()
        except (FileExistsError, IsADirectoryError, RemoteRefusedError, RemoteChangedError):
            raise
        except (OSError, HTTPException) as error:
            failure = told(error)
            if isinstance(failure, FileNotFoundError | PermissionError) or attempt == attempts - 1:
                raise failure from error
        time.sleep(min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S) * random.uniform(0.5, 1.5))
    raise AssertionError("a last trial returns or raises")


def told(error: OSError | HTTPException) -> OSError:
    """The same failure with a short ``strerror`` and no secrets."""
    message = " ".join(seen(str(error)).split())
    if isinstance(error, PermissionError) or _REFUSED.search(message):
        return PermissionError(errno.EACCES, "the store refuses access; see to its credentials")
    if isinstance(error, FileNotFoundError) or _GONE.search(message):
        return FileNotFoundError(errno.ENOENT, "no such object")
    if isinstance(error, TimeoutError):
        message = "no answer in time"
    if isinstance(error, RemoteError):
        return error
    if found := _OF_AWS.search(message):
        message = f"{found[2] or found[1].lower().replace('_', ' ')}: {found[3]}"
    return RemoteError(errno.EIO, message[:_LONGEST] or type(error).__name__)
