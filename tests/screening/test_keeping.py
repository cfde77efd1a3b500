from __future__ import annotations

from pathlib import Path

import pytest

from molq.screening.identity import Identity
from molq.screening.keeping import begin, is_kept, may_replace
from molq.screening.remote_directory import RemoteDirectory
from molq.screening.run_directory import RunDirectory
from molq.screening.settings import Settings

IDENTITY = Identity("1.0", ("aa",), (), Settings())


@pytest.mark.parametrize("kind", [RunDirectory, RemoteDirectory])
def test_what_is_kept_here_and_in_a_store(kind, tmp_path, request):
    output = Path(request.getfixturevalue("bucket") if kind is RemoteDirectory else tmp_path) / "out.csv"
    assert not is_kept(output)
    assert not may_replace(output, resume=True)
    directory = begin(output, IDENTITY, resume=False, force=True)
    assert isinstance(directory, kind)
    directory.done.rows = 10
    directory.save()
    directory.close()
    assert is_kept(output)
    assert may_replace(output, resume=True)
    assert not may_replace(output, resume=False)
    directory = begin(output, IDENTITY, resume=True, force=False)
    directory.done.complete = True
    directory.save()
    assert may_replace(output, resume=False)
    directory.remove()
    assert not is_kept(output)
