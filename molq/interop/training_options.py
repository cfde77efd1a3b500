"""The options that a checkpoint was trained with: chemprop's ``config.toml``, where it lies beside the checkpoint.

What chemprop writes is no TOML, in spite of the name: a line for each option, ``name = value``, nothing quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from molq.errors import CheckpointError
from molq.nn.config import PredictorConfig

_MOST_BYTES = 1 << 20
_FOLDER = re.compile(r"(model|replicate|fold)_\d+|checkpoints")
"""of chemprop's, below the one that holds its config.toml"""
_LINE = re.compile(r"(?:--)?([^\s:=;#]+)\s*(?:[\s:=]\s*(.*))?")
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_KNOWN = {"add-h", "keep-h", "ignore-stereo", "multi-hot-atom-featurizer-mode", "task-type", "message-hidden-dim"}
"""a file with none of these is none of chemprop's"""
_OF_A_FILE = {
    "descriptors-path": "numbers for each molecule",
    "descriptors-columns": "numbers for each molecule",
    "atom-features-path": "numbers for each atom",
    "atom-descriptors-path": "numbers for each atom",
    "bond-features-path": "numbers for each bond",
    "bond-descriptors-path": "numbers for each bond",
    "constraints-path": "constraints for each molecule",
}
_OTHER_WEIGHTS = ("checkpoint", "from-foundation", "model-frzn")
"""with these the network is that of another file, whatever the options say of it"""
_LONG = 60


class TrainingOptions(NamedTuple):
    """What chemprop was called with; an option that is not there had its default, and a flag was not set."""

    path: Path
    values: Mapping[str, str]

    def flag(self, name: str) -> bool:
        """Whether it was set. Raises CheckpointError for what is neither true nor false."""
        value = self.values.get(name, "false").lower()
        if value not in (*_TRUE, *_FALSE):
            raise CheckpointError(f"{self.path}: {name} is {value[:_LONG]!r}, and must be true or false")
        return value in _TRUE

    def words(self, name: str) -> tuple[str, ...]:
        """The items of a list, or the one value; none where the option was not given."""
        value = self.values.get(name, "").removeprefix("[").removesuffix("]")
        return tuple(word.strip().strip("\"'") for word in value.split(",") if word.strip())

    def require_smiles_alone(self) -> None:
        """Returns when the model was trained with nothing but SMILES. Raises CheckpointError, naming the option."""
        for name, what in _OF_A_FILE.items():
            if name in self.values:
                raise CheckpointError(
                    f"it was trained with {what} from a file (--{name} {self.values[name][:_LONG]}, says"
                    f" {self.path}), and molq has nothing but the SMILES"
                )

    def require_of(self, config: PredictorConfig) -> None:
        """Returns when these may be the options that a network of ``config`` was trained with.

        Raises CheckpointError, naming what the two say, when they contradict each other.
        """
        for name, (stated, held) in self._comparable(config).items():
            if stated and stated != held:
                raise CheckpointError(
                    f"{self.path} states {name} {stated[:_LONG]}, and the checkpoint holds {held}, so the"
                    " two are not of one training; put the config.toml of its training beside it, or none"
                )

    def _comparable(self, config: PredictorConfig) -> dict[str, tuple[str, str]]:
        """Option → what is stated, "" for what cannot be compared, and what the checkpoint holds."""
        stated = {name: words[0] if len(words := self.words(name)) == 1 else "" for name in self.values}
        mode, task = stated.get("multi-hot-atom-featurizer-mode", ""), stated.get("task-type", "")
        comparable = {
            "multi-hot-atom-featurizer-mode": (mode.upper(), config.feature_set),
            "task-type": (task if task in ("classification", "regression") else "", config.kind),
        }
        if not any(name in self.values for name in _OTHER_WEIGHTS):
            comparable["message-hidden-dim"] = _whole(stated.get("message-hidden-dim", "")), str(config.d_h)
            comparable["depth"] = _whole(stated.get("depth", "")), str(config.depth)
            comparable["aggregation"] = stated.get("aggregation", "").lower(), config.readout
        return comparable


def options_beside(checkpoint: Path) -> TrainingOptions | None:
    """Those of the ``config.toml`` in the folder of the checkpoint, or above it in the folder that chemprop writes to.

    None where there is no such file of chemprop's. Raises CheckpointError for one that cannot be read.
    """
    for place in dict.fromkeys((checkpoint.absolute(), checkpoint.resolve())):
        if (found := _file_beside(place)) is not None:
            return _read(_as_given(found, place, checkpoint))
    return None


def _file_beside(checkpoint: Path) -> Path | None:
    if checkpoint.name == "best_checkpoint.ckpt" and (best := checkpoint.with_name("best_config.toml")).is_file():
        return best  # of chemprop hpopt
    folder = checkpoint.parent
    while not (folder / "config.toml").is_file():
        if not _FOLDER.fullmatch(folder.name):
            return None
        folder = folder.parent
    return folder / "config.toml"


def _as_given(found: Path, place: Path, checkpoint: Path) -> Path:
    """The path that a user would recognize: relative where the checkpoint's is."""
    n_below = len(place.parts) - len(found.parts)
    above = checkpoint.parents[n_below] if n_below < len(checkpoint.parents) else None
    return above / found.name if above is not None and place == checkpoint.absolute() else found


def _read(path: Path) -> TrainingOptions | None:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CheckpointError(f"{path}: the options of the training cannot be read ({reason}); {_REMEDY}") from error
    if len(content) > _MOST_BYTES or "\0" in text:
        raise CheckpointError(f"{path}: these are no options of a training, but something larger or other; {_REMEDY}")
    lines = [line.strip() for line in text.splitlines()]
    matches = [_LINE.fullmatch(line) for line in lines if line and line[0] not in "#;[" and not line.startswith("---")]
    values = {match[1]: _bare(match[2]) for match in matches if match}
    return TrainingOptions(path, values) if values.keys() & _KNOWN else None


def _bare(value: str | None) -> str:
    """A value without quotes and the comment behind it; a name alone is a flag that is set."""
    if value is None:
        return "true"
    value = re.split(r"\s[;#]", value, maxsplit=1)[0].strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _whole(number: str) -> str:
    """A number without the point that chemprop hpopt may write, 300.0; "" for what is none."""
    match = re.fullmatch(r"(\d{1,9})(?:\.0*)?", number)
    return match[1] if match else ""


_REMEDY = "take the file away, and say with `add_h`, `keep_h` and `ignore_stereo` what it was to say"
