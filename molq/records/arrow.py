"""Record batches as bytes, to send between processes."""

from __future__ import annotations

from typing import Any


def arrow_bytes(batch: Any) -> bytes:
    """A record batch as a self-contained Arrow stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def batch_of(data: bytes) -> Any:
    """The record batch of an Arrow stream made by ``arrow_bytes``."""
    import pyarrow as pa

    return pa.ipc.open_stream(data).read_next_batch()
