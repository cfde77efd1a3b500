"""Ray Datasets of scores: of the molecules of a Ray Dataset, or of a library that molq reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from molq.columns import Columns
from molq.errors import InputError, OutputError
from molq.records.arrow import arrow_bytes, batch_of
from molq.records.chunk import Chunk
from molq.records.layout import Layout
from molq.records.names import listed, named_position, smiles_rank
from molq.records.reader import LibraryReader
from molq.screening.output.parquet_file import ParquetFile
from molq.screening.output.table import OutputTable
from molq.screening.run import Run
from molq.screening.settings import CHUNK_ROWS, Manner, Settings
from molq.screening.workers.chunk_work import load_worker
from molq.screening.workers.job import Job, ModelSource
from molq.screening.workers.processes import WorkerProcesses
from molq.task_names import task_columns

if TYPE_CHECKING:
    from ray.data import Dataset

REJECTED = "rejected"
_BATCH_ROWS = 8 * CHUNK_ROWS
_CHUNKS_PER_BATCH = 8


class PoolJob(NamedTuple):
    """What the actors of a Dataset are told once."""

    job: Job
    columns: Columns
    timeout_per_molecule: float

    @property
    def first_score(self) -> int:
        """Place of the first score among the columns of a body."""
        return 1 + self.job.output.table.has_id + self.job.n_columns


def scored_dataset(dataset: Dataset, models: tuple[ModelSource, ...], settings: Settings, manner: Manner) -> Dataset:
    """The rows of a Dataset with their scores beside them and ``rejected``, the reason where there are none, else null.

    Nothing is scored before the Dataset is used. Raises InputError for one without text that is called SMILES, and
    what loading the models raises.
    """
    schema = dataset.schema()
    if schema is None:
        raise InputError("the dataset is empty: it has no column that could hold SMILES")
    smiles = _smiles_column(list(schema.names), list(map(str, schema.types)), settings.smiles_column)
    job = Job(
        models=models,
        output=ParquetFile("", OutputTable(has_id=False)),
        layouts=(Layout("the dataset", "table", has_id=False),),
        tasks=settings.tasks,
        spread=settings.spread,
        max_atoms=settings.max_atoms,
        strict=settings.strict,
        audit_rate=manner.audit,
    )
    return _mapped(dataset, ScoredBatches, _BATCH_ROWS, job, manner, smiles=smiles)


def scored_library(run: Run) -> Dataset:
    """The rows of a library in any order, with their numbers in it as ``row``.

    Raises what loading the models raises.
    """
    import ray

    run.reader.close()
    chunks = ray.data.range(1, override_num_blocks=1).map_batches(
        _read,
        fn_args=(run.reopen, run.manner.chunk_rows, run.settings.shard_rows),
        batch_format="pyarrow",
        batch_size=1,
        num_cpus=0,
    )
    return _mapped(chunks, ScoredChunks, _CHUNKS_PER_BATCH, run.job, run.manner)


def _mapped(dataset: Dataset, kind: type, batch_rows: int, job: Job, manner: Manner, **more: Any) -> Dataset:
    """Through a pool of actors: as many as ``concurrency``, else from one to all CPUs."""
    import ray

    columns = load_worker(job).columns
    n_cpus = max(1, int(ray.cluster_resources().get("CPU", 1)))
    n_actors = manner.concurrency
    pool = {"size": n_actors} if n_actors else {"min_size": 1, "max_size": n_cpus}
    scoring = ray.put(PoolJob(job, columns, manner.timeout_per_molecule))
    return dataset.map_batches(
        kind,
        batch_format="pyarrow",
        batch_size=batch_rows,
        compute=ray.data.ActorPoolStrategy(**pool),
        num_cpus=1,
        fn_constructor_kwargs={"scoring": scoring, **more},
    )


class _Scorer:
    """One supervised worker process in an actor; it loads the model at the first batch."""

    def __init__(self, scoring: Any) -> None:
        import ray

        self._scoring: PoolJob = ray.get(scoring)
        self._processes: WorkerProcesses | None = None

    def bodies(self, chunks: Iterator[Chunk]) -> Iterator[Any]:
        """An Arrow batch for each chunk: text columns, scores and reasons."""
        if self._processes is None:
            self._processes = WorkerProcesses(self._scoring.job, 1, self._scoring.timeout_per_molecule)
            self._processes.start()
            self._processes.wait_until_ready()
        for result in self._processes.run(chunks):
            if result.difference is not None:
                raise OutputError(
                    f"the fast path read {result.difference} otherwise than RDKit; please report this SMILES. What this"
                    " dataset gave so far may be wrong"
                )
            yield batch_of(result.body)


class ScoredBatches(_Scorer):
    """Of the rows of a Dataset."""

    def __init__(self, scoring: Any, smiles: str) -> None:
        super().__init__(scoring)
        self._smiles = smiles

    def __call__(self, table: Any) -> Any:
        import pyarrow as pa

        names = [column.name for column in self._scoring.columns]
        found = pa.Table.from_batches(list(self.bodies(self._chunks(table))), None) if table.num_rows else None
        for place, name in enumerate([*task_columns(names, table.column_names), REJECTED]):
            kind = pa.string() if name == REJECTED else pa.float32()
            column = pa.chunked_array([], kind) if found is None else found.column(self._scoring.first_score + place)
            table = table.append_column(name, column)
        return table

    def _chunks(self, table: Any) -> Iterator[Chunk]:
        import pyarrow as pa

        smiles = table.column(self._smiles).cast(pa.string())
        for start in range(0, table.num_rows, CHUNK_ROWS):
            some = smiles.slice(start, CHUNK_ROWS).combine_chunks()
            array = some if isinstance(some, pa.Array) else pa.concat_arrays(some.chunks)
            yield Chunk(0, start, len(array), arrow_bytes(pa.RecordBatch.from_arrays([array], ["0"])))


class ScoredChunks(_Scorer):
    """Of chunks of a library that stand as rows in a Dataset."""

    def __call__(self, table: Any) -> Any:
        import pyarrow as pa

        chunks = [Chunk(**row) for row in table.to_pylist()]
        schema = self._scoring.job.output.table.schema(self._scoring.columns)
        batches = [
            pa.RecordBatch.from_arrays(
                [pa.array(range(chunk.first_row, chunk.first_row + chunk.n_rows), pa.int64()), *body.columns],
                schema=pa.schema([pa.field("row", pa.int64()), *schema]),
            )
            for chunk, body in zip(chunks, self.bodies(iter(chunks)), strict=True)
        ]
        return pa.Table.from_batches(batches, pa.schema([pa.field("row", pa.int64()), *schema]))


def _read(_number: Any, reopen: Callable[[], LibraryReader], chunk_rows: int, shard_rows: int) -> Iterator[Any]:
    """The chunks of the library, a table of one row each."""
    import pyarrow as pa

    reader = reopen()
    try:
        for chunk in reader.chunks(chunk_rows, shard_rows):
            yield pa.table({name: [value] for name, value in chunk._asdict().items()})
    finally:
        reader.close()


def _smiles_column(names: Sequence[str], kinds: Sequence[str], wanted: str | None) -> str:
    """The column that holds SMILES, by name. Raises InputError when there is none, or it is no text."""
    if wanted is not None:
        place = named_position(names, wanted, "the dataset", "smiles_column")
    else:
        ranks = {place: rank for place, name in enumerate(names) if (rank := smiles_rank(name)) is not None}
        if not ranks:
            raise InputError(
                f"the dataset has columns {listed(names)}, and none is called SMILES; name one with `smiles_column`"
            )
        place = min(ranks, key=lambda at: (ranks[at], at))
    if "string" not in kinds[place]:
        raise InputError(f"column {names[place]!r} of the dataset holds {kinds[place]}, not text")
    if REJECTED in names:
        raise InputError(
            f"the dataset has a column {REJECTED!r} already; drop or rename it, or give all models in one call"
        )
    return names[place]
