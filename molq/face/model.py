"""A model as a value: the bytes of a .molq file, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn, final, overload

import numpy as np
from narwhals.typing import IntoSeries
from numpy.typing import NDArray

from molq.errors import ModelFileError
from molq.face.bundled import model_path
from molq.face.question import read_question
from molq.face.scoring import Scored, Scoring
from molq.files import refuse_output, write_whole
from molq.progress import SILENT, Progress
from molq.results.shown import Shown, as_text
from molq.screening.screen import CHUNK_ROWS, MAX_ATOMS
from molq.store.card import Card
from molq.store.molqfile import Loaded, decode


class Predictions(NamedTuple):
    """Scores, and why there are none: each in the shape of the question."""

    scores: Any
    reasons: Any
    """text where there is no score, else None (missing, in a Series)"""


class Prediction(NamedTuple):
    """Of one molecule of an iterator."""

    scores: Any
    """a number, or an array [T] for several tasks; NaN where there is none"""
    reason: str | None


@final
class Model(Shown):
    """A molecular property predictor: the bytes of a .molq file, in memory, and nothing else.

    It never changes: ``quantize`` gives a new model. Models of the same bytes are equal; pickling and copying take the
    bytes alone. It may be used from several threads, which score one after the other. ``molq.load``,
    ``molq.import_checkpoint`` and ``molq.train`` give models.

    >>> import molq
    >>> model = molq.load("bace-dmpnn")
    >>> model
    Model(bace-dmpnn, fp32, Class (classification), 1,286,964 bytes)
    >>> model.predict(["CC(=O)Oc1ccccc1C(=O)O", "c1ccccc"]).round(4)
    array([0.0073,    nan], dtype=float32)
    """

    __slots__ = ("_blob", "_loaded", "_scoring")
    _blob: bytes
    _loaded: Loaded
    _scoring: Scoring

    def __init__(self, blob: bytes, place: str | Path | None = None) -> None:
        """The model whose .molq file holds these bytes.

        ``place`` is what messages and tables call it, by default the name on its card. Raises ModelFileError when the
        bytes are damaged, altered, or of a newer format.
        """
        set_once = object.__setattr__
        loaded = decode(blob, place or "model")
        set_once(self, "_blob", blob)
        set_once(self, "_loaded", loaded if place else loaded._replace(path=Path(loaded.card.name)))
        set_once(self, "_scoring", Scoring(self._loaded.network))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a model never changes, so {name} cannot be set; quantize gives a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a model never changes, so {name} cannot be deleted")

    @property
    def name(self) -> str:
        """On the card."""
        return self.card.name

    @property
    def card(self) -> Card:
        """What the model is for, how it was made, and what was measured of it."""
        return self._loaded.card

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of what it predicts, T of them."""
        return tuple(self._loaded.network.tasks)

    @property
    def kind(self) -> str:
        """``classification``: scores are probabilities; ``regression``: values in the unit of the labels."""
        return self._loaded.network.kind

    @property
    def scheme(self) -> str:
        """How its layers are stored: ``fp32``, ``int8`` and so on; ``mixed`` when each has a scheme of its own."""
        return self._loaded.network.scheme

    @property
    def size_bytes(self) -> int:
        """Of the .molq file."""
        return len(self._blob)

    @property
    def content_hash(self) -> str:
        """``sha256:`` and 64 hexadecimal digits, over everything the file holds."""
        return self._loaded.content_hash

    # An iterator is named first: it is what every other question is not.
    @overload
    def predict(
        self, molecules: Iterator[object], *, reasons: Literal[True], max_atoms: int = ..., progress: Progress = ...
    ) -> Iterator[Prediction]: ...
    @overload
    def predict(
        self,
        molecules: Iterator[object],
        *,
        reasons: Literal[False] = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Iterator[Any]: ...
    @overload
    def predict(
        self,
        molecules: Sequence[object] | NDArray[Any] | IntoSeries,
        *,
        reasons: Literal[True],
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Predictions: ...
    @overload
    def predict(
        self,
        molecules: Sequence[object] | NDArray[Any],
        *,
        reasons: Literal[False] = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> NDArray[np.float32]: ...
    @overload
    def predict(
        self, molecules: IntoSeries, *, reasons: Literal[False] = ..., max_atoms: int = ..., progress: Progress = ...
    ) -> Any: ...
    def predict(
        self, molecules: object, *, reasons: bool = False, max_atoms: int = MAX_ATOMS, progress: Progress = SILENT
    ) -> Any:
        """The scores of molecules: the same bits that ``molq.screen`` writes, in the shape of the question.

        ``molecules`` holds SMILES, RDKit molecules, or missing values (None, NaN, NA), in any mixture.

        - A list, a tuple or a NumPy array [n]: a float32 array, [n] for one task and [n, T] for several.
        - A pandas or polars Series (anything narwhals reads): a Series named by the task, or a DataFrame with a column
          per task, of the same library and with the same index.
        - An iterator: an iterator, which reads 512 molecules ahead. Of each it gives a float32 number, or an array [T].

        Where a molecule does not parse, is missing, or has more than ``max_atoms`` heavy atoms, there is NaN (in polars
        and pyarrow null, for there NaN would sort above every score). With ``reasons`` the answer is
        ``Predictions(scores, reasons)``, both in the shape of the question; from an iterator a ``Prediction(scores,
        reason)`` per molecule.

        An RDKit molecule is scored as its SMILES would be: a copy is sanitized, explicit hydrogens are folded in.
        ``progress`` is told molecules done and in all. Raises InputError for a single SMILES that is in no list, for a
        DataFrame, an array of another shape, and where no value is text or a molecule and some are not missing.

        >>> import molq
        >>> model = molq.load("bace-dmpnn")
        >>> scores, reasons = model.predict(["CCO", "C1CC", None], reasons=True)
        >>> reasons
        array([None, 'unparsable SMILES: unclosed ring at position 2',
               'missing value'], dtype=object)
        >>> [round(float(score), 4) for score in model.predict(iter(["CCO", "CCN"]))]
        [0.0187, 0.0165]
        """
        if isinstance(molecules, Iterator):
            return self._stream(molecules, reasons, max_atoms, progress)
        question = read_question(molecules)
        n = len(question.values)
        scores = np.empty((n, len(self.tasks)), np.float32)
        why: dict[int, str] = {}
        done = 0
        for found in self._scoring.chunks(question.values, max_atoms):
            scores[done : done + len(found.scores)] = found.scores
            why |= {done + i: reason for i, reason in found.reasons.items()}
            done += len(found.scores)
            progress.step(done, n)
        answer = question.scores(scores, self.tasks)
        return Predictions(answer, question.reasons(why)) if reasons else answer

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Writes the .molq file, whole or not at all, and gives its path.

        Raises OutputError when it exists and ``force`` is False, or when it cannot be written.

        >>> import molq
        >>> model = molq.load("bace-dmpnn")
        >>> path = model.save("copy.molq")
        >>> molq.load(path) == model
        True
        """
        refuse_output(path, force=force)
        write_whole(path, self._blob)
        return Path(path)

    def _stream(self, molecules: Iterator[object], reasons: bool, max_atoms: int, progress: Progress) -> Iterator[Any]:
        done = 0
        while values := list(islice(molecules, CHUNK_ROWS)):
            found = self._scoring.score(values, max_atoms)
            done += len(values)
            progress.step(done, None)
            yield from _each(found, reasons)

    def __bytes__(self) -> bytes:
        """The .molq file."""
        return self._blob

    def __eq__(self, other: object) -> bool:
        return self._blob == other._blob if isinstance(other, Model) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __reduce__(self) -> tuple[type[Model], tuple[bytes]]:
        return Model, (self._blob,)

    def __copy__(self) -> Model:
        return self

    def __deepcopy__(self, memo: object) -> Model:
        return self


def load(model: str | Path) -> Model:
    """The model of a .molq file, or a bundled one by its name from any directory.

    Raises InputError, with the names of the bundled ones, when it is neither; ModelFileError when the file is damaged,
    altered, or too new.

    >>> import molq
    >>> molq.load("esol-dmpnn").tasks
    ('measured log solubility in mols per litre',)
    """
    path = model_path(model)
    try:
        blob = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror})") from error
    return Model(blob, path)


def _each(found: Scored, reasons: bool) -> Iterator[Any]:
    one_task = found.scores.shape[1] == 1
    for i, row in enumerate(found.scores):
        score = row[0] if one_task else row
        yield Prediction(score, found.reasons.get(i)) if reasons else score


@as_text.register
def _model_text(model: Model) -> str:
    tasks = model.tasks[0] if len(model.tasks) == 1 else f"{len(model.tasks)} tasks"
    return f"Model({model.name}, {model.scheme}, {tasks} ({model.kind}), {model.size_bytes:,} bytes)"
