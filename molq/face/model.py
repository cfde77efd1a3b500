"""A model as a value: the bytes of a .molq file, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn, final, overload

import numpy as np
from narwhals.typing import IntoSeries
from numpy.typing import NDArray

from molq.columns import chosen
from molq.face.applicability import beliefs_in, known_domain
from molq.face.bundled import model_path
from molq.face.calibration import CalibrationSet, as_set
from molq.face.inputs import Data, Molecules, on_disk, warn_of
from molq.face.question import read_question
from molq.face.scoring import Scored, Scoring
from molq.files import write_whole
from molq.limits import require_within
from molq.nn.ensemble import Network
from molq.outputs import refuse_output
from molq.progress import SILENT, Progress
from molq.records.trailing import trailing_note
from molq.report.notebook import model_html
from molq.report.text.card import card_text
from molq.report.text.model_card import model_card
from molq.results.contributions import Explanation
from molq.results.export import Exported
from molq.results.fidelity import ProbeSection
from molq.results.mixed import MixedSearch
from molq.results.shown import Shown, as_html, as_text
from molq.results.training import Training
from molq.results.tuning import Tuning
from molq.screening.settings import CHUNK_ROWS, MAX_ATOMS
from molq.store.card import Card
from molq.store.huggingface import write_layout
from molq.store.molqfile import Loaded, ModelHeader, decode, decode_header, encode, read_header
from molq.workflows.applicability.domain import Domain
from molq.workflows.precision.quantized import Patterns
from molq.workflows.tuning.fine_tune import LEARNING_RATE
from molq.workflows.tuning.quantize import Quantization
from molq.workflows.tuning.quantize import quantize as run_quantize

N_TOLD = 5
"""molecules of a calibration set that could not be read and are named; more are counted"""


class Predictions(NamedTuple):
    """Scores, and why there are none: each in the shape of the question."""

    scores: Any
    reasons: Any
    """text where there is no score, else None (missing, in a Series)"""


class Prediction(NamedTuple):
    """Of one molecule of an iterator."""

    scores: Any
    """a number, or an array [C] for several columns; NaN where there is none"""
    reason: str | None


class Making(NamedTuple):
    """How a model was made that was trained or quantized in this session."""

    reference: Model
    """the float model; of a float model itself"""
    search: MixedSearch | None = None
    """of mixed precision"""
    probe: ProbeSection | None = None
    """what the mixes were executed on"""
    tuning: Tuning | None = None
    """of quantization-aware training"""
    training: Training | None = None
    """of the float model"""


@final
class ModelInfo(Shown):
    """What is inside a model and on its card: as text what ``molq info`` prints, in a notebook a drawing."""

    __slots__ = ("_loaded", "header")

    def __init__(self, header: ModelHeader, loaded: Loaded) -> None:
        self.header, self._loaded = header, loaded


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
    array([0.0623,    nan], dtype=float32)
    """

    __slots__ = ("_blob", "_domain", "_loaded", "_making", "_scoring")
    _blob: bytes
    _domain: Domain | None
    _loaded: Loaded
    _making: Making | None
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
        set_once(self, "_domain", None)
        set_once(self, "_making", None)
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
    def columns(self) -> tuple[str, ...]:
        """Names of its scores, C of them: of a plain model the tasks, else what it says of each besides too.

        ``logS`` is a probability, or a value in the unit of the labels, and ``logS_0`` the probability of a class.
        ``logS_std``, ``logS_aleatoric`` and ``logS_epistemic`` are standard deviations, ``logS_lower`` and
        ``logS_upper`` quantiles, and ``logS_uncertainty`` is that of a Dirichlet head, from 0 to 1.
        """
        return tuple(column.name for column in self._loaded.network.columns)

    @property
    def kind(self) -> str:
        """Of the labels: ``classification`` (0 and 1), ``regression`` or ``multiclass``."""
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

    @property
    def info(self) -> ModelInfo:
        """Network, layers and card, as ``molq info`` prints them."""
        return ModelInfo(decode_header(self._blob, self._loaded.path), self._loaded)

    @property
    def making(self) -> Making | None:
        """Its training, float model and what was found on the way, if ``train`` or ``quantize`` made it just now.

        It is in no file and no pickle, and models that differ in it alone are equal.
        """
        return self._making

    # An iterator is named first: it is what every other question is not.
    @overload
    def predict(
        self,
        molecules: Iterator[object],
        *,
        reasons: Literal[True],
        spread: bool = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Iterator[Prediction]: ...
    @overload
    def predict(
        self,
        molecules: Iterator[object],
        *,
        reasons: Literal[False] = ...,
        spread: bool = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Iterator[Any]: ...
    @overload
    def predict(
        self,
        molecules: Sequence[object] | NDArray[Any] | IntoSeries,
        *,
        reasons: Literal[True],
        spread: bool = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Predictions: ...
    @overload
    def predict(
        self,
        molecules: Sequence[object] | NDArray[Any],
        *,
        reasons: Literal[False] = ...,
        spread: bool = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> NDArray[np.float32]: ...
    @overload
    def predict(
        self,
        molecules: IntoSeries,
        *,
        reasons: Literal[False] = ...,
        spread: bool = ...,
        max_atoms: int = ...,
        progress: Progress = ...,
    ) -> Any: ...
    def predict(
        self,
        molecules: object,
        *,
        reasons: bool = False,
        spread: bool = False,
        max_atoms: int = MAX_ATOMS,
        progress: Progress = SILENT,
    ) -> Any:
        """The scores of molecules: the same bits that ``molq.screen`` writes, in the shape of the question.

        ``molecules`` holds SMILES, RDKit molecules, or missing values (None, NaN, NA), in any mixture.

        - A list, a tuple or a NumPy array [n]: a float32 array, [n] for one column and [n, C] for several.
        - A pandas or polars Series (anything narwhals reads): a Series named by the column, or a DataFrame with all of
          them, of the same library and with the same index.
        - An iterator: an iterator, which reads 512 molecules ahead. Of each it gives a float32 number, or an array [C].

        The columns are those of ``columns``. With ``spread`` there follows each NAME of them as NAME_spread: its
        standard deviation between the members of an ensemble.

        Where a molecule does not parse, is missing, or has more than ``max_atoms`` heavy atoms, there is NaN (in polars
        and pyarrow null, for there NaN would sort above every score). With ``reasons`` the answer is
        ``Predictions(scores, reasons)``, both in the shape of the question; from an iterator a ``Prediction(scores,
        reason)`` per molecule.

        An RDKit molecule is scored as its SMILES would be: a copy is sanitized, and explicit hydrogens are folded in
        unless the model's recipe has them. Hydrogens that the recipe adds do not count for ``max_atoms``.
        ``progress`` is told molecules done and in all. Warns (MolqWarning), at the end and once, of text after SMILES
        (``CC O``), which is not read. Raises InputError for a single SMILES that is in no list, for a DataFrame, an
        array of another shape, where no value is text or a molecule and some are not missing, and for the ``spread`` of
        a single model.

        >>> import molq
        >>> model = molq.load("bace-dmpnn")
        >>> scores, reasons = model.predict(["CCO", "C1CC", None], reasons=True)
        >>> reasons
        array([None, 'unparsable SMILES: unclosed ring', 'missing value'],
              dtype=object)
        >>> [round(float(score), 4) for score in model.predict(iter(["CCO", "CCN"]))]
        [0.2898, 0.3066]
        """
        require_within(max_atoms=max_atoms)
        columns = self._scoring.columns(spread)
        if isinstance(molecules, Iterator):
            return self._stream(molecules, reasons, max_atoms, spread, progress)
        question = read_question(molecules)
        n = len(question.values)
        scores = np.empty((n, len(columns)), np.float32)
        why: dict[int, str] = {}
        done = n_trailing = 0
        for found in self._scoring.chunks(question.values, max_atoms, spread):
            scores[done : done + len(found.scores)] = found.scores
            why |= {done + i: reason for i, reason in found.reasons.items()}
            done += len(found.scores)
            n_trailing += found.n_trailing
            progress.step(done, n)
        warn_of(trailing_note(n_trailing))
        answer = question.scores(scores, columns)
        return Predictions(answer, question.reasons(why)) if reasons else answer

    def applicability(
        self,
        molecules: Sequence[object] | NDArray[Any] | IntoSeries,
        reference: Molecules | None = None,
        *,
        column: str | None = None,
        smiles_column: str | None = None,
        format: str | None = None,
    ) -> Any:
        """Whether the scores of molecules can be believed: how near they lie to what the model was trained on.

        Of a list or an array a tuple with a Belief for each molecule; of a pandas or polars Series a DataFrame of the
        same library and with the same index, with a column for each of its fields:

        - ``similarity``: Tanimoto, Morgan fingerprints of radius 2, to the nearest training molecule, which is
          ``nearest`` where its SMILES is known;
        - ``unseen_environments``: share of atoms with surroundings that no training molecule has;
        - ``spread``: standard deviation of ``column``, by default the first prediction, between members of an ensemble;
        - ``verdict``: inside, edge or outside; how often scores are wrong in each is said in docs/applicability.md.

        What cannot be scored has none of them. ``reference`` holds the molecules that the model was trained on, in any
        form that data have; ``smiles_column`` and ``format`` say how a file is read. Without it counts what the file
        remembers, or the public set that its card names. Raises InputError where neither is known, when nothing of
        ``reference`` can be read, and as ``predict`` does.

        >>> import molq
        >>> model = molq.load("esol-dmpnn")
        >>> [(b.verdict, round(b.similarity, 2)) for b in model.applicability(["CCCCO", "OB(O)c1ccsc1"])]
        [('inside', 1.0), ('outside', 0.18)]
        """
        question = read_question(molecules)
        if reference is not None:
            domain = known_domain(self._loaded, reference, smiles_column, format)
        else:
            domain = self._domain or known_domain(self._loaded, None, None, None)
            object.__setattr__(self, "_domain", domain)
        return beliefs_in(question, domain, column)

    def contributions(
        self,
        molecules: Sequence[str] | NDArray[Any] | IntoSeries,
        task: str | None = None,
        *,
        max_atoms: int = MAX_ATOMS,
    ) -> Explanation:
        """Which atoms make the scores of SMILES: parts that, with a baseline, add up to what the model gives.

        ``task`` is a task or one of ``columns`` that is a prediction, by default the first. Numbers are log odds,
        log(p / (1 − p)), where the score is a probability p, else in the task's unit; atoms stand in the order of the
        SMILES. docs/contributions.md says what a part means. Where there is no score there is None and a reason.

        Raises InputError for a task that the model has not, and for what is no list of molecules; UnsupportedError for
        AttentiveFP, whose readout is no sum over atoms.

        >>> import molq
        >>> found = molq.load("esol-dmpnn").contributions(["CCO", "CCCl"])
        >>> ethanol, _ = found.contributions
        >>> [round(part, 2) for part in ethanol.atoms]
        [0.1, 0.1, 0.61]
        >>> round(ethanol.baseline + sum(ethanol.atoms) - ethanol.output, 6)
        0.0
        """
        require_within(max_atoms=max_atoms)
        values = read_question(molecules).values
        network = self._loaded.network
        column = None if task is None else _prediction(network, task)
        found = self._scoring.explain(values, column, max_atoms)
        return Explanation(
            self.name,
            found.column,
            "value" if network.kind == "regression" else "log odds",
            tuple(value if isinstance(value, str) else "" for value in values),
            tuple(found.found),
            found.reasons,
        )

    def quantize(
        self,
        scheme: str = "int8",
        calibset: CalibrationSet | Data | Sequence[str] | None = None,
        *,
        observer: str | Patterns = (),
        override: Patterns = (),
        rounding: str | None = None,
        equalize: bool | None = None,
        bias_correction: bool | None = None,
        data: Data | None = None,
        qat_epochs: int | None = None,
        qat_lr: float = LEARNING_RATE,
        max_size: int | None = None,
        max_drop: float | None = None,
        seed: int = 0,
        smiles_column: str | None = None,
        format: str | None = None,
        censored: str | None = None,
        progress: Progress = SILENT,
    ) -> Model:
        """A new model, quantized for real: its products run on the stored integers. This one stays as it is.

        ``scheme`` is fp16, bf16, int8-dynamic, int8, int8-weight-only, w4a16, w4a8, w3a8, w2a8, or mixed. Those that
        fix the ranges of activations need ``calibset``: a CalibrationSet, or its molecules as a path, a list or a
        Series.

        ``observer`` says how a range is taken from what was seen (minmax, headroom, moving-average, percentile, mse,
        entropy, or auto, the best for each call site): one for all, or a mapping from patterns on ``layer:site``.
        ``override`` maps patterns on layers to schemes, such as ``{"head.*": "fp32"}``; of several that match the last
        counts. ``rounding`` (nearest, gptq, adaround), ``equalize`` and ``bias_correction`` None are those of the
        scheme.

        ``mixed`` chooses a scheme per layer: the least error within a file of ``max_size`` bytes, or the smallest file
        whose ROC-AUC (RMSE) is worse by ``max_drop`` at most, executed on ``data``: its validation molecules where the
        card states them. With ``qat_epochs`` the integers learn to imitate this model, in so many passes over ``data``
        (its training molecules where they are known; labels are not needed) at the learning rate ``qat_lr``. ``data``
        is the name of a data set, a path or a DataFrame, ``seed`` that of the training; ``smiles_column``, ``format``
        and ``censored`` say how files are read, as in ``molq.train``.

        Warns (MolqWarning) of molecules of ``calibset`` that cannot be read, and of what is given and not used. Raises
        InputError when the scheme needs something that is not given, and for patterns that match nothing;
        UnsupportedError when this model is quantized already.

        >>> import molq
        >>> model = molq.load("bace-dmpnn")
        >>> small = model.quantize("int8", molq.calibration_set("bace", size=40))
        >>> small
        Model(bace-dmpnn, int8, Class (classification), 342,980 bytes)
        >>> small.making.reference == model
        True
        """
        with nullcontext(None) if data is None else on_disk(data, self.tasks) as source:
            found = run_quantize(
                self._loaded,
                scheme,
                as_set(calibset, smiles_column),
                observer=observer,
                override=override,
                rounding=rounding,
                equalize=equalize,
                bias_correction=bias_correction,
                data=source,
                qat_epochs=qat_epochs,
                qat_lr=qat_lr,
                max_size=max_size,
                max_drop=max_drop,
                seed=seed,
                smiles_column=smiles_column,
                format=format,
                censored=censored,
                progress=progress,
            )
        warn_of(_notes(found))
        return model_of(found.made.network, found.made.card, Making(self, found.search, found.probe, found.tuning))

    def save_pretrained(self, folder: str | Path, *, force: bool = False) -> Path:
        """Writes the model in the layout of the Hugging Face Hub, whole or not at all, and gives the folder.

        README.md is its card, model.safetensors the .molq file, config.json what it is; ``molq.load`` reads it back.
        Raises OutputError when one of them is there and ``force`` is False, or when they cannot be written.
        """
        header = decode_header(self._blob, self._loaded.path)
        return write_layout(folder, self._blob, header, model_card(header), force=force)

    def export(self, path: str | Path, *, force: bool = False) -> Exported:
        """Writes the model as an ONNX file, after onnxruntime gave the scores of the engine on eleven molecules.

        ``molq.onnx_inputs`` makes its inputs of SMILES. Integer layers with a range per call site are executed in
        integers there, too; fp16 weights stay 16 bits in the file. Raises UnsupportedError for parts that ONNX has no
        words for, InputError without the packages of ``molq[onnx]``, OutputError when the file exists and ``force`` is
        False, or when it cannot be written.
        """
        from molq.workflows.export.onnx import export_onnx  # onnxscript is slow to import, and optional

        return export_onnx(self._loaded, path, force=force)

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
        write_whole(path, self._blob, force=force)
        return Path(path)

    def _stream(
        self, molecules: Iterator[object], reasons: bool, max_atoms: int, spread: bool, progress: Progress
    ) -> Iterator[Any]:
        done = n_trailing = 0
        while values := list(islice(molecules, CHUNK_ROWS)):
            found = self._scoring.score(values, max_atoms, spread)
            done += len(values)
            n_trailing += found.n_trailing
            progress.step(done, None)
            yield from _each(found, reasons)
        warn_of(trailing_note(n_trailing))

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
    """The model of a .molq file, of a folder of ``save_pretrained``, or a bundled one by its name from any directory.

    Raises InputError, with the names of the bundled ones, when it is neither; ModelFileError when the file is damaged,
    altered, or too new.

    >>> import molq
    >>> molq.load("esol-dmpnn").tasks
    ('measured log solubility in mols per litre',)
    """
    path = model_path(model)
    read_header(path)  # what is no .molq file is not read whole
    return Model(path.read_bytes(), model)


AnyModel = Model | str | Path
"""a model, the path of a .molq file, or the name of a bundled model"""


def model_of(network: Network, card: Card, making: Making | None = None) -> Model:
    """The model that a file of this network and card would hold."""
    model = Model(encode(network, card))
    object.__setattr__(model, "_making", making)
    return model


def trained_model(network: Network, card: Card, training: Training) -> Model:
    """``model_of`` a float model, which knows how it was trained."""
    model = model_of(network, card)
    object.__setattr__(model, "_making", Making(model, training=training))
    return model


def _prediction(network: Network, task: str) -> str:
    """The column of that name, or the first prediction of the task of that name."""
    places = chosen(network.columns, [task])
    columns = [network.columns[place] for place in places]
    return next((column.name for column in columns if column.is_prediction), columns[0].name)


def _notes(found: Quantization) -> Iterator[str]:
    yield from found.notes
    refused = [] if found.calibration is None else found.calibration.rejected
    for one in refused[:N_TOLD]:
        yield f"calibration set, row {one.row}: {one.smiles} is left out, {one.reason}"
    if len(refused) > N_TOLD:
        yield f"{len(refused) - N_TOLD} more rows of the calibration set are left out"


def _each(found: Scored, reasons: bool) -> Iterator[Any]:
    is_single = found.scores.shape[1] == 1
    for i, row in enumerate(found.scores):
        score = row[0] if is_single else row
        yield Prediction(score, found.reasons.get(i)) if reasons else score


@as_html.register
def _model_html(model: Model) -> str:
    return model_html(model._loaded)


@as_text.register
def _info_text(info: ModelInfo) -> str:
    return card_text(info.header, verified=True)


@as_html.register
def _info_html(info: ModelInfo) -> str:
    return model_html(info._loaded)


@as_text.register
def _model_text(model: Model) -> str:
    tasks = model.tasks[0] if len(model.tasks) == 1 else f"{len(model.tasks)} tasks"
    outputs = model._loaded.network.outputs
    return f"Model({model.name}, {model.scheme}, {tasks} ({outputs}), {model.size_bytes:,} bytes)"
