"""What a server says of a model: what its file says of itself."""

from __future__ import annotations

from typing import Any

from molq.screening.workers.job import ModelSource
from molq.server.pool.questions import ModelDescription
from molq.store.molqfile import decode


def description_of(source: ModelSource, *, believes: bool) -> ModelDescription:
    """The description. Raises ModelFileError when the bytes cannot be trusted."""
    loaded = decode(source.content, source.path)
    network, card = loaded.network, loaded.card
    return ModelDescription(
        name=source.path,
        columns=network.columns,
        kind=network.kind,
        scheme=network.scheme,
        architecture=network.members[0].config.architecture,
        size_bytes=loaded.size_bytes,
        content_hash=loaded.content_hash,
        members=len(network.members),
        description=card.description,
        card_name=card.name,
        made_from=_text(card.provenance, "content_hash"),
        trained_on=_text(card.training, "dataset"),
        believes=believes,
    )


def _text(section: dict[str, Any] | None, key: str) -> str | None:
    value = (section or {}).get(key)
    return value if isinstance(value, str) else None
