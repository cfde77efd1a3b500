"""What an unfinished run leaves beside its output: here, or in the store where the output lies."""

from __future__ import annotations

from pathlib import Path

from molq.errors import OutputError
from molq.screening import run_directory
from molq.screening.identity import Identity
from molq.screening.remote_directory import RemoteDirectory, kept_manifest, remote_directory_of
from molq.screening.run_directory import RunDirectory
from molq.urls import is_url

Directory = RunDirectory | RemoteDirectory


def begin(output: Path, identity: Identity, *, resume: bool, force: bool) -> Directory:
    """The directory of a run, made or taken up again. Raises OutputError as ``RunDirectory`` does."""
    kind = RemoteDirectory if is_url(output) else RunDirectory
    return kind(output, identity, resume=resume, force=force)


def may_replace(output: Path, *, resume: bool) -> bool:
    """Whether an earlier run that goes on now was given leave to replace its outputs, or may have made some itself."""
    if not is_url(output):
        return run_directory.may_replace(output, resume=resume)
    try:
        kept = kept_manifest(remote_directory_of(output))
    except (OSError, OutputError):
        return False
    return kept is not None and (kept.manifest.done.complete or (resume and kept.manifest.force))


def is_kept(output: Path) -> bool:
    """Whether something is left from which a run can go on; a store that does not say has it, as far as is known."""
    if not is_url(output):
        return run_directory.run_directory_of(output).exists()
    try:
        return kept_manifest(remote_directory_of(output)) is not None
    except OSError:
        return True
    except OutputError:
        return False
