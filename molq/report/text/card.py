"""What a .molq file holds, as a card: what it predicts, what it learnt from, how well it does, how it is stored."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from molq.nn.config import PredictorConfig
from molq.report.numbers import METRIC_NAMES, seed_phrase
from molq.report.table import WIDTH, Table
from molq.report.text.facts import facts_text
from molq.store.molqfile import ModelHeader
from molq.store.training_set import TrainingSet

_INPUTS = {"static": "8 bit, fixed range", "dynamic": "8 bit, own range", None: "float"}
_MADE_WITH = ("molq", "torch", "rdkit")
_SIDES = {"test": "test ", "valid": "validation ", "train": "training ", "": ""}
_VERIFIED = "\nverified: the content has this hash"


def card_text(header: ModelHeader, *, verified: bool = False) -> str:
    """The card within 80 columns; ``verified`` says that the content was checked against its hash."""
    card = header.description.card
    facts = [*card_facts(header), ("file", str(header.path))]
    described = textwrap.wrap(card.description, WIDTH, break_on_hyphens=False)
    parts = ["\n".join([card.name, *described]), facts_text(facts)]
    parts += ["\n".join(_layers(header)), f"{header.content_hash}{_VERIFIED if verified else ''}"]
    return "\n\n".join(parts)


def made_text(header: ModelHeader) -> str:
    """A model that was just made: file, size and scheme, what it learnt from, and how well it does."""
    described = header.description
    config, n_members = described.configs[0], len(described.configs)
    members = f", {n_members} members" if n_members > 1 else ""
    more = str(config.outputs).removeprefix(config.kind)
    tasks = f"{len(config.tasks)} {config.kind} task{'s' * (len(config.tasks) > 1)}{more}"
    line = f"{header.path}: {config.architecture}{members}, {tasks}, {described.scheme}, {header.size_bytes:,} bytes"
    facts = [*_read_by(config), *_imported(described.card.provenance), *_training(described.card.training)]
    facts += _remembered(described.card.training_set)
    facts += _metrics(described.card.metrics, described.card.training) if described.card.metrics else []
    return "\n".join([line, *([facts_text(facts)] if facts else [])])


def card_facts(header: ModelHeader) -> list[tuple[str, str]]:
    """Labels and facts; several facts in a row may share a label or have none of their own."""
    card = header.description.card
    facts = [
        *_what(header),
        *_training(card.training),
        *_remembered(card.training_set),
        *_metrics(card.metrics, card.training),
    ]
    return [*facts, *_calibration(card.calibration), *_origin(card.provenance, card.created_with)]


def card_layers(header: ModelHeader) -> Table:
    """The layers of the first member, the input range the widest of a layer's call sites."""
    rows = header.description.layers
    rows = rows[: len(rows) // len(header.description.configs)]
    return Table(
        ("layer", "shape", "weights", "inputs", "range", "bytes"),
        tuple(
            (
                row.name.removeprefix("0."),
                "×".join(map(str, row.shape)),
                row.weights,
                "look-up table" if row.role == "table" else _INPUTS[row.activations],
                _widest(row.ranges),
                f"{row.n_bytes:,}",
            )
            for row in rows
        ),
        left=(2, 3),
    )


def _what(header: ModelHeader) -> Iterator[tuple[str, str]]:
    described = header.description
    config, n_members = described.configs[0], len(described.configs)
    count = f"{len(config.tasks)} tasks ({config.outputs}): " if len(config.tasks) > 1 else ""
    yield "predicts", count + ", ".join(config.tasks) + ("" if count else f" ({config.outputs})")
    columns = [column.name for column in config.outputs.columns(config.tasks)]
    if columns != list(config.tasks):
        yield "columns", ", ".join(columns)
    head = "-".join(map(str, (*config.head_hidden, config.n_logits)))
    ensemble = f"ensemble of {n_members}: " if n_members > 1 else ""
    yield (
        "network",
        f"{ensemble}{config.architecture}, width {config.d_h}, depth {config.depth}, {config.readout} readout, "
        f"head {head}, {config.feature_set} features",
    )
    yield from _read_by(config)
    yield "stored as", f"{described.scheme}, {header.size_bytes:,} bytes"


def _read_by(config: PredictorConfig) -> Iterator[tuple[str, str]]:
    """What is made of a SMILES for the network, where that is not the usual."""
    if config.recipe is not UNSET:
        yield "molecules", config.recipe.in_words


def _training(training: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not training:
        return
    rest = dict(training)
    name, molecules, split = rest.pop("dataset", None), rest.pop("molecules", None), rest.pop("split", None)
    settings, best, rejected = rest.pop("settings", {}), rest.pop("best_epochs", None), rest.pop("rejected", 0)
    rest.pop("dataset_sha256", None)
    rest.pop("curve", None)
    if isinstance(split, Mapping) and {"n_train", "n_valid", "n_test", "method", "seed"} <= split.keys():
        unread = f", {rejected:,} more could not be read" if rejected else ""
        of = f" of {molecules:,}" if isinstance(molecules, int) else ""
        yield "trained on", f"{split['n_train']:,}{of} molecules of {name}{unread}"
        held_out = f"{split['n_valid']:,} validation and {split['n_test']:,} test molecules held out"
        yield "", f"{held_out}, {seed_phrase(split['method'], split['seed'])}"
    elif name is not None:
        yield "trained on", str(name)
    if best:
        yield "", f"best epoch {', '.join(map(str, best))} of {settings.get('epochs', 'an unknown number')}"
    yield from (("", f"{_word(key)}: {_said(value)}") for key, value in rest.items())


def _remembered(known: TrainingSet | UnsetType) -> Iterator[tuple[str, str]]:
    """What of the training molecules travels with the file, and its share of the bytes."""
    if isinstance(known, TrainingSet):
        drawn = f" of {known.described:,} drawn molecules" if known.described < known.molecules else ""
        yield (
            "remembers",
            f"{known.fingerprints:,} fingerprints{drawn} and {known.environments:,} atom environments of its training"
            f" molecules, no SMILES: {known.n_bytes:,} bytes of the file",
        )


def _metrics(metrics: Mapping[str, Any] | None, training: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Those with intervals first, each with its molecules."""
    if not metrics:
        yield "accuracy", "not measured of this file"
        return
    split, level = (training or {}).get("split"), None
    for key, value in sorted(metrics.items(), key=_place):
        side, name = _side_and_name(key)
        counts = split if isinstance(split, Mapping) else {}
        n = value.get("n") if isinstance(value, Mapping) else counts.get(f"n_{side}")
        level = level or (value.get("level") if isinstance(value, Mapping) else None)
        molecules = f" on {n:,} {_SIDES[side]}molecules" if isinstance(n, int) else ""
        yield "accuracy", f"{METRIC_NAMES.get(name, _word(name))} {_said(value)}{molecules}"
    if level is not None:
        yield "", f"in brackets: {level:.0%} intervals"


def _place(metric: tuple[str, Any]) -> tuple[bool, int]:
    key, value = metric
    name, names = _side_and_name(key)[1], list(METRIC_NAMES)
    return not isinstance(value, Mapping), names.index(name) if name in names else len(names)


def _side_and_name(key: str) -> tuple[str, str]:
    """``test`` and ``roc_auc`` of ``test_roc_auc``."""
    side, _, name = key.partition("_")
    return (side, name) if side in _SIDES else ("", key)


def _calibration(calibration: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not calibration:
        return
    rest = dict(calibration)
    strategy, size, seed = rest.pop("strategy", None), rest.pop("size", None), rest.pop("seed", None)
    used, observer, coverage = rest.pop("molecules_used", size), rest.pop("observer", None), rest.pop("coverage", {})
    rest.pop("sha256", None)
    few = f" of {size:,}" if isinstance(size, int) and used != size else ""
    by = f", ranges by {observer}" if observer else ""
    yield "calibrated", f"on {_said(used)}{few} molecules, strategy {strategy}, seed {_said(seed)}{by}"
    shares = {key: coverage[key] for key in ("scaffold", "generic_scaffold", "element") if key in coverage}
    if shares:
        said = ", ".join(f"{_word(key)}s {share:.0%}" for key, share in shares.items())
        yield "", f"share of the library's other molecules that it covers: {said}"
    yield from (("", f"{_word(key)}: {_said(value)}") for key, value in rest.items())


def _origin(provenance: Mapping[str, Any] | None, made_with: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    rest = dict(provenance or {})
    if isinstance(source := rest.pop("quantized_from", None), Mapping):
        scheme = rest.pop("scheme", None)
        by = f", quantized with {scheme}" if scheme else ""
        yield "made from", f"{source.get('name')} ({str(source.get('content_hash'))[:19]}…){by}"
    if (origin := rest.pop("imported_from", None)) is not None:
        files = [str(file.get("name")) for file in rest.pop("files", []) if isinstance(file, Mapping)]
        yield "made from", f"{origin}{': ' if files else ''}{', '.join(files)}"
        yield from _imported(provenance)
        rest.pop("notes", None)
        rest.pop("checked", None)
    if isinstance(qat := rest.pop("qat", None), Mapping):
        yield "fine-tuned", f"{qat.get('epochs')} epochs of quantization-aware training on {qat.get('molecules')}"
    if rest:
        yield "options", ", ".join(f"{_word(key)} {_said(value)}" for key, value in rest.items())
    versions = [f"{name} {made_with[name]}" for name in _MADE_WITH if name in made_with]
    if versions:
        yield "made with", ", ".join(versions)


def _imported(provenance: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What an import had to decide, and what it checked."""
    told = provenance or {}
    yield from (("import", str(note)) for note in told.get("notes", ()))
    if (checked := told.get("checked")) is not None:
        yield "checked", str(checked)


def _layers(header: ModelHeader) -> Iterator[str]:
    yield card_layers(header).to_text()
    members = len(header.description.configs)
    if members > 1:
        yield f"and so in each of the {members} members"


def _widest(ranges: Sequence[Sequence[float]]) -> str:
    return f"{min(low for low, _ in ranges):.3g}..{max(high for _, high in ranges):.3g}" if ranges else ""


def _word(key: str) -> str:
    return key.replace("_", " ")


def _said(value: Any) -> str:
    """A value of a card in words; a measurement with its interval, a long list as its length."""
    match value:
        case {"value": int() | float() as middle, "low": int() | float() as low, "high": int() | float() as high}:
            return f"{middle:.4f} [{low:.4f}, {high:.4f}]"
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4f}" if abs(value) >= 0.001 else f"{value:.3g}"
        case str():
            return value
        case list() | tuple():
            return ", ".join(map(_said, value)) if len(value) <= 8 else f"{len(value):,} entries"
        case dict():
            return ", ".join(f"{_word(key)} {_said(item)}" for key, item in value.items())
    raise AssertionError(f"a card holds a {type(value).__name__}")
