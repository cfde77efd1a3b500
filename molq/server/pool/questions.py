"""What the server asks its workers, and what they answer; both travel as MessagePack."""

from __future__ import annotations

from typing import Any

import msgspec

from molq.columns import Column
from molq.results.hits import Belief, Contributions


class Describe(msgspec.Struct, frozen=True, tag=True):
    """What are the models?"""

    @property
    def n_rows(self) -> int:
        return 1


class Read(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Which molecules does a file hold?"""

    name: str
    content: bytes
    most_rows: int
    smiles_column: str | None = None
    id_column: str | None = None
    format: str | None = None

    @property
    def n_rows(self) -> int:
        return 1


class Score(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What do models say of molecules?"""

    smiles: tuple[str, ...]
    models: tuple[str, ...]
    belief: bool = False
    contributions: bool = False
    pictures: bool = False

    @property
    def n_rows(self) -> int:
        return len(self.smiles)


class Draw(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What do molecules look like; with a model, coloured by what their atoms add to a column."""

    smiles: tuple[str, ...]
    model: str | None
    column: str | None
    width: int
    height: int
    limit: float | None = None
    """contribution that is drawn at full strength; None for the largest of these molecules"""

    @property
    def n_rows(self) -> int:
        return len(self.smiles)


class Write(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What are molecules in an SD file?"""

    smiles: tuple[str, ...]
    titles: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    """name → what it holds of each molecule, "" for nothing"""

    @property
    def n_rows(self) -> int:
        return len(self.smiles)


class Paint(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What do molecules look like, as PNG images?"""

    smiles: tuple[str, ...]
    width: int
    height: int

    @property
    def n_rows(self) -> int:
        return len(self.smiles)


Question = Describe | Read | Score | Draw | Write | Paint


class ModelDescription(msgspec.Struct, frozen=True):
    """A model that is served."""

    name: str
    columns: tuple[Column, ...]
    kind: str
    """classification, regression or multiclass"""
    scheme: str
    architecture: str
    size_bytes: int
    content_hash: str
    members: int
    description: str
    card_name: str
    made_from: str | None
    """content hash of the model that it was quantized from"""
    trained_on: str | None
    believes: bool = False
    """whether it is known what it was trained on"""
    notes: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True, tag=True):
    models: tuple[ModelDescription, ...]


class ReadRows(msgspec.Struct, frozen=True, tag=True):
    """The rows of a file, n of them, ``total`` where it holds more than were asked for."""

    smiles: tuple[str, ...]
    identifiers: tuple[str, ...] | None
    rejected: dict[int, str]
    total: int
    is_cut: bool
    notes: tuple[str, ...]


class ModelScores(msgspec.Struct, frozen=True):
    """Of n molecules, C columns."""

    scores: bytes
    """float32 [n, C], NaN where there are none"""
    reasons: dict[int, str]
    """molecule → why there are none"""
    beliefs: list[Belief] | None = None
    contributions: list[dict[str, Contributions]] | None = None
    """column → contributions, empty where there are none"""


class ScoreAnswer(msgspec.Struct, frozen=True, tag=True):
    models: dict[str, ModelScores]
    pictures: list[str | None] | None = None


class Drawn(msgspec.Struct, frozen=True, tag=True):
    pictures: list[str | None]
    why: list[str | None]
    """why there is no picture"""
    contributions: list[Contributions | None]


class Written(msgspec.Struct, frozen=True, tag=True):
    records: list[str]


class Painted(msgspec.Struct, frozen=True, tag=True):
    images: list[bytes | None]
    """None where there is no picture"""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The question has no answer."""

    message: str
    is_fault: bool = False
    """of the server, not of the question"""


Answer = Described | ReadRows | ScoreAnswer | Drawn | Written | Painted | Refused

_QUESTION: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_ANSWER: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def packed(value: Any) -> bytes:
    """A question or an answer as bytes."""
    return msgspec.msgpack.encode(value)


def question_in(data: bytes) -> Question:
    return _QUESTION.decode(data)


def answer_in(data: bytes) -> Answer:
    return _ANSWER.decode(data)
