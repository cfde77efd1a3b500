from __future__ import annotations

from http.client import IncompleteRead

import pytest

from molq.remote import retrying
from molq.remote.retrying import RemoteChangedError, RemoteError, RemoteRefusedError, retried, told


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(retrying, "_FIRST_WAIT_S", 0.0)


class Request:
    def __init__(self, *errors: BaseException) -> None:
        self.errors, self.n_made = list(errors), 0

    def __call__(self) -> str:
        self.n_made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_a_request_that_fails_is_made_again():
    request = Request(OSError("SLOW_DOWN"), TimeoutError(), IncompleteRead(b""), RemoteError(5, "short"))
    assert retried(request) == "answer"
    assert request.n_made == 5


def test_the_last_failure_is_told_in_a_line_without_secrets():
    errors = [OSError("When reading\n https://me:SECRET@h/a:\n it  broke")] * retrying.ATTEMPTS
    with pytest.raises(RemoteError, match="it broke") as caught:
        retried(Request(*errors))
    assert "SECRET" not in str(caught.value)
    assert "\n" not in caught.value.strerror


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError(2, "x"), FileNotFoundError),
        (OSError("AWS Error NO_SUCH_BUCKET during"), FileNotFoundError),
        (OSError("AWS Error ACCESS_DENIED during HeadObject"), PermissionError),
        (PermissionError(13, "x"), PermissionError),
        (FileExistsError(17, "x"), FileExistsError),
        (RemoteRefusedError(5, "status 400"), RemoteRefusedError),
        (RemoteChangedError("changed"), RemoteChangedError),
    ],
)
def test_what_no_trial_mends_is_not_tried_again(error, kind):
    request = Request(error)
    with pytest.raises(kind):
        retried(request)
    assert request.n_made == 1


def test_what_is_no_failure_of_a_store_passes():
    with pytest.raises(ValueError, match="a fault"):
        retried(Request(ValueError("a fault")))
    assert told(TimeoutError()).strerror == "no answer in time"
