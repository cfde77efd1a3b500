"""One shard of a run on its way: written beside, put into the folder of the shards when it is whole."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from molq.columns import Columns
from molq.errors import OutputError
from molq.files import file_sha256, is_taken, put_in_place
from molq.records.shard import Shard
from molq.screening.identity import Identity, difference
from molq.screening.output.format import Finished
from molq.screening.output.table import OutputTable
from molq.screening.run_directory import Tally
from molq.screening.shards.manifest import (
    ShardManifest,
    file_of,
    manifest_path,
    read_manifest,
    shards_in,
    write_manifest,
)
from molq.urls import seen


@dataclass(frozen=True)
class ShardPlace:
    """Where a shard belongs, and how the whole run was asked for."""

    folder: Path
    shard: Shard
    models: tuple[str, ...]
    library: tuple[str, ...]
    cost: tuple[str, ...] = ()
    """notes of what is read more than once because there are shards"""

    @property
    def output(self) -> Path:
        return file_of(self.folder, self.shard)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user of one shard should know, and what is left to do."""
        return (*self.cost, f"shard {self.shard}; when all are done, molq merge {self.folder} puts them together")

    def found(self, identity: Identity, *, force: bool) -> ShardManifest | None:
        """The shard, where it is done already.

        Raises OutputError when it, or another in the folder, is of another run; with ``force`` nothing is looked at.
        """
        if force:
            return None
        done = shards_in(self.folder)
        for shard in [self.shard] if self.shard in done else done[:1]:
            manifest = read_manifest(self.folder, shard)
            changed = difference(manifest.run, identity)
            if changed is None and shard.count != self.shard.count:
                changed = f"it is one of {shard.count} shards"
            if changed is not None:
                raise OutputError(
                    f"{manifest_path(self.folder, shard)} is of another run: {changed}; choose another folder, or"
                    " replace this shard with `force`"
                )
            if shard == self.shard and is_taken(file_of(self.folder, shard)):
                return manifest
        return None


class ShardInWork:
    """A temporary folder of this machine, so that the same shard may be in work here and elsewhere at once.

    The last to finish replaces what the others wrote, by the same bytes. An interruption leaves nothing.
    """

    def __init__(
        self, place: ShardPlace, identity: Identity, table: OutputTable, columns: Columns, notes: list[str]
    ) -> None:
        self._place, self._identity = place, identity
        self._table, self._columns, self._notes = table, columns, notes
        self.path = Path(tempfile.mkdtemp(prefix="molq-shard-"))
        self.done = Tally()

    def check(self) -> None:
        """Nobody else knows of the folder."""

    def save(self) -> None:
        """A shard is done as a whole, or not at all."""

    def put_in_place(self, finished: Finished) -> Path:
        """The scores, then the manifest. OSErrors pass."""
        manifest = ShardManifest(
            shard=self._place.shard,
            run=self._identity,
            table=self._table,
            columns=self._columns,
            done=self.done,
            notes=tuple(self._notes),
            models=tuple(map(seen, self._place.models)),
            library=tuple(map(seen, self._place.library)),
            output_sha256=file_sha256(finished.part),
        )
        put_in_place(finished.part, finished.path, force=True)
        write_manifest(self._place.folder, manifest)
        return finished.path

    def remove(self) -> None:
        self.close()

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
