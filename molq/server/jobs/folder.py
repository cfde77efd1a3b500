"""Where jobs lie on the disk: uploads, results and models, under names that no client chooses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from molq.errors import OutputError
from molq.files import output_error, take_lock, write_whole
from molq.records.input.source import COMPRESSIONS, SUFFIXES
from molq.screening.workers.job import ModelSource

RESULT = "scores.csv"


class JobFolder:
    """A folder of the server's own, which one server at a time may have.

    Raises OutputError when another one has it, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = take_lock(
                path / "lock", f"{path}: another server keeps its jobs here; give each its own `data`"
            )
            for name in ("jobs", "models"):
                (path / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise output_error(path, error, "choose another `data`") from error

    @property
    def store(self) -> Path:
        return self.path / "jobs.sqlite"

    def of(self, id: str) -> Path:
        """The folder of a job. Its name is one that the server has made."""
        if not (id.isalnum() and id.isascii()):
            raise AssertionError(f"{id!r} is no job of this server")
        return self.path / "jobs" / id

    def upload(self, id: str, filename: str) -> Path:
        """Where the file of a job lies: only how its name ends is the client's, and only where molq knows such ends."""
        return self.of(id) / f"library{_known_ending(filename)}"

    def result(self, id: str) -> Path:
        return self.of(id) / RESULT

    def model(self, digest: str) -> Path:
        return self.path / "models" / f"{digest}.molq"

    def keep_models(self, models: Sequence[ModelSource]) -> None:
        """Write the models as they are now: a job goes on with the model that it was begun with."""
        for model in models:
            place = self.model(model.sha256[:32])
            if not place.exists():
                write_whole(place, model.content)

    def drop_models(self, kept: Sequence[Path]) -> None:
        """Remove models that nothing refers to."""
        for place in (self.path / "models").iterdir():
            if place not in kept:
                place.unlink(missing_ok=True)

    def remove(self, id: str) -> None:
        shutil.rmtree(self.of(id), ignore_errors=True)

    def size_bytes(self, id: str) -> int:
        """Of all files of a job."""
        total = 0
        for folder, _, names in os.walk(self.of(id)):
            for name in names:
                try:
                    total += os.path.getsize(os.path.join(folder, name))
                except OSError:
                    continue
        return total

    def strangers(self, known: Sequence[str]) -> list[str]:
        """Folders of jobs that the store does not know."""
        return [entry.name for entry in (self.path / "jobs").iterdir() if entry.name not in known]

    def close(self) -> None:
        self._lock.release()


def _known_ending(filename: str) -> str:
    stem, ending = os.path.splitext(filename.lower())
    packed = ending if ending in COMPRESSIONS else ""
    if packed:
        ending = os.path.splitext(stem)[1]
    return f"{ending if ending in SUFFIXES else ''}{packed}"


def default_folder() -> Path:
    """$XDG_STATE_HOME/molq/serve, by default ~/.local/state/molq/serve. Raises OutputError where there is no home."""
    if base := os.environ.get("XDG_STATE_HOME"):
        return Path(base) / "molq" / "serve"
    try:
        return Path.home() / ".local" / "state" / "molq" / "serve"
    except RuntimeError as error:
        raise OutputError("there is no home directory to keep jobs in; name a folder with `data`") from error
