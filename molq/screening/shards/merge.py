"""Shards put together: the file that one machine would have written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from molq.errors import InputError, MissingShardsError, OutputError
from molq.limits import require_within
from molq.progress import SILENT, Progress
from molq.records.shard import Shard
from molq.results.screening import ScreenSummary
from molq.screening.identity import Identity, InputFile, difference
from molq.screening.output.formats import format_of
from molq.screening.output.table import Selection
from molq.screening.run import Run, execute
from molq.screening.screen import STDOUT
from molq.screening.settings import Manner, Settings
from molq.screening.shards.manifest import ShardManifest, again, file_of, manifest_path, read_manifest, shards_in
from molq.screening.shards.reader import ShardsReader
from molq.screening.shards.runner import ShardsRunner
from molq.screening.workers.job import Job
from molq.urls import seen, url_of

_N_NAMED = 20


def merge(
    folder: str | Path,
    output: str | Path,
    *,
    top: int | None = None,
    threshold: float | None = None,
    lowest: bool = False,
    resume: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
) -> ScreenSummary:
    """Counts of writing ``output`` from all shards in ``folder``: byte for byte what one machine would have written.

    Raises MissingShardsError, naming them, when some are missing; OutputError when one is of another run, damaged or
    cut short, and as ``screen`` does; InputError when the shards do not hold the rows that are asked for.
    """
    require_within(top=top)
    place = Path(folder)
    path = None if str(output) == STDOUT else Path(output)
    shards = complete(place)
    first = shards[0]
    settings = _settings(first.run.settings, Selection(top, threshold, lowest))
    if path is None and (resume or settings.top is not None):
        raise InputError("with standard output there is nothing to resume, and no `top`; name a file")
    table = msgspec.structs.replace(first.table, selection=settings.selection)
    form = format_of(path, table)
    reader = ShardsReader(place, shards)
    files = tuple(InputFile(file_of(place, one.shard).name, one.output_sha256) for one in shards)
    run = Run(
        reader,
        lambda: Identity(first.run.molq, first.run.models, files, settings),
        Job(models=(), output=form, layouts=(), max_atoms=settings.max_atoms, audit_rate=None),
        path,
        settings,
        Manner(workers=0, resume=resume, force=force),
        lambda: reader,
        runner=ShardsRunner(shards, reader.first_rows, form),
    )
    return execute(run, progress)


def complete(folder: Path) -> list[ShardManifest]:
    """Every shard of the one run in a folder, in order. Raises as ``merge`` does."""
    found = shards_in(folder)
    if not found:
        raise InputError(f"{folder}: no shard is done there; is it the folder that `shard` wrote into?")
    counts = sorted({shard.count for shard in found})
    if len(counts) > 1:
        raise OutputError(
            f"{folder} holds shards of {' and of '.join(map(str, counts))}; leave those of one count there"
        )
    shards = [read_manifest(folder, shard) for shard in found]
    first = shards[0]
    for one in shards[1:]:
        changed = difference(first.run, one.run)
        if changed is not None or (one.columns, one.table) != (first.columns, first.table):
            raise OutputError(
                f"{manifest_path(folder, one.shard)} and {manifest_path(folder, first.shard).name} are of two runs:"
                f" {changed or 'their columns differ'}; {again(one.shard)}, or the other"
            )
    missing = sorted({*range(1, counts[0] + 1)} - {shard.number for shard in found})
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise MissingShardsError(
            f"{folder}: {len(missing):,} of {counts[0]:,} shards {are} missing: {_listed(missing)}; screen what is"
            f" missing with `shard={Shard(missing[0], counts[0])}`",
            missing=tuple(str(Shard(number, counts[0])) for number in missing),
            call=_call(folder, first),
        )
    return shards


def _call(folder: Path, manifest: ShardManifest) -> dict[str, Any]:
    """The parameters of ``screen`` that make a shard of the same run, as far as they are not what they are anyway."""
    settings, standard = manifest.run.settings, Settings()
    changed = {
        name: getattr(settings, name)
        for name in Settings.__struct_fields__
        if getattr(settings, name) != getattr(standard, name)
    }
    return {"models": manifest.models, "library": manifest.library, "output": seen(url_of(folder)), **changed}


def _settings(of_shards: Settings, asked: Selection) -> Settings:
    """The settings of the whole. Raises InputError when rows are asked for that the shards do not hold."""
    kept = of_shards.selection
    if not asked.active:
        if asked.lowest and not kept.lowest:
            raise InputError("`lowest` has a meaning only with `top` or `threshold`")
        return of_shards
    is_within = not kept.active or (
        asked.lowest == kept.lowest
        and asked.threshold in (kept.threshold, None)
        and (kept.top is None or asked.top is None or asked.top <= kept.top)
    )
    if not is_within:
        rows = f"the best {kept.top:,}" if kept.top is not None else "those that reach their threshold"
        raise InputError(f"of their rows the shards hold only {rows}; ask for no others, or screen without a selection")
    return msgspec.structs.replace(
        of_shards,
        top=kept.top if asked.top is None else asked.top,
        threshold=kept.threshold if asked.threshold is None else asked.threshold,
        lowest=asked.lowest,
    )


def _listed(numbers: Sequence[int]) -> str:
    """``7, 9 to 12``."""
    parts = list(_ranges(numbers))
    more = f" and {len(parts) - _N_NAMED:,} more ranges" if len(parts) > _N_NAMED else ""
    return ", ".join(parts[:_N_NAMED]) + more


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    for _, group in itertools.groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        run = [number for _, number in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}"
