"""What is known of a finished shard: of which run it is, what it came to, and the hash of its file."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from molq.columns import Columns
from molq.errors import InputError, OutputError
from molq.files import open_file, write_whole
from molq.records.shard import Shard
from molq.remote.listing import objects_below
from molq.screening.identity import Identity
from molq.screening.output.table import OutputTable
from molq.screening.run_directory import Tally
from molq.serial import from_json, to_json
from molq.urls import is_url, url_of

_NAME = re.compile(r"shard-(\d+)-of-(\d+)\.json")


class ShardManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of one shard. It is written last: a shard is done when its manifest is there."""

    shard: Shard
    run: Identity
    """what must be the same of all shards"""
    table: OutputTable
    columns: Columns
    done: Tally
    """rows, rejections and the like"""
    notes: tuple[str, ...]
    models: tuple[str, ...]
    """paths, for the command that makes a missing shard"""
    library: tuple[str, ...]
    output_sha256: str
    sha256: str = ""
    """of all the rest"""

    def signed(self) -> ShardManifest:
        """The same with its hash."""
        unsigned = msgspec.structs.replace(self, sha256="")
        return msgspec.structs.replace(self, sha256=hashlib.sha256(to_json(unsigned)).hexdigest())


def file_of(folder: Path, shard: Shard) -> Path:
    """The scores of a shard, ``shard-003-of-200.parquet``."""
    width = len(str(shard.count))
    return folder / f"shard-{shard.number:0{width}d}-of-{shard.count}.parquet"


def manifest_path(folder: Path, shard: Shard) -> Path:
    """``shard-003-of-200.json``."""
    return file_of(folder, shard).with_suffix(".json")


def shards_in(folder: Path) -> list[Shard]:
    """The shards that are done there, by the names of their manifests, in order. Raises InputError without a folder."""
    try:
        if is_url(folder):
            names = [url.removeprefix(f"{url_of(folder)}/") for url in objects_below(url_of(folder))]
        else:
            names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}; name the folder of the shards") from error
    found = [Shard(int(match[1]), int(match[2])) for name in names if (match := _NAME.fullmatch(name))]
    return sorted(shard for shard in found if manifest_path(folder, shard).name in names)


def write_manifest(folder: Path, manifest: ShardManifest) -> None:
    """Raises OutputError when it cannot be written."""
    write_whole(manifest_path(folder, manifest.shard), to_json(manifest.signed()))


def read_manifest(folder: Path, shard: Shard) -> ShardManifest:
    """Raises OutputError when there is none that is whole, of this shard, and as it was written."""
    path = manifest_path(folder, shard)
    try:
        with open_file(path) as file:
            manifest = from_json(file.read(), ShardManifest, url_of(path))
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error
    except InputError as error:
        raise OutputError(f"{error}: the manifest is damaged or of another molq; {again(shard)}") from error
    if manifest != manifest.signed() or manifest.shard != shard:
        raise OutputError(f"{path}: its content does not match its hash and name; {again(shard)}")
    return manifest


def again(shard: Shard) -> str:
    """The remedy for a shard that is no good."""
    return f"screen this shard again (`shard={shard}`, with `force`)"
