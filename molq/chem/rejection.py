"""Why a SMILES gives no graph, in words a chemist understands."""

from __future__ import annotations

import logging
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, current_thread, main_thread
from types import FrameType

from rdkit import Chem, rdBase

from molq.chem.molecule import asked

MAX_CHARACTERS_PER_ATOM = 100
_ATOM = re.compile(r"\[[^\]]*\]|Br|Cl|[BCNOPSFIbcnops*]")
_PLAIN_HYDROGEN = re.compile(r"\[H[+-]?(?::\d+)?\]")
_RDKIT_LOGGER = logging.getLogger("rdkit")
_capture_lock = Lock()


def size_reason(smiles: str, max_atoms: int) -> str | None:
    """Why ``smiles`` is too large to be parsed at all, or None. RDKit takes minutes on 100,000 characters."""
    if len(smiles) <= max_atoms:
        return None
    text = smiles.split(maxsplit=1)[0] if not smiles.isspace() else ""
    if len(text) > MAX_CHARACTERS_PER_ATOM * max_atoms:
        return f"{len(text):,} characters, too many for a molecule of at most {max_atoms:,} atoms"
    n_atoms = len(_ATOM.findall(text)) - len(_PLAIN_HYDROGEN.findall(text))
    return f"{n_atoms:,} heavy atoms, more than the limit of {max_atoms:,}" if n_atoms > max_atoms else None


def rejection_reason(smiles: str) -> str:
    """What RDKit holds against ``smiles``, one line."""
    if not smiles.strip():
        return "empty SMILES"
    if any("\ud800" <= character <= "\udfff" for character in smiles):
        return "unparsable SMILES: characters that are not text"
    with rdBase.BlockLogs():
        mol, complaint = asked(lambda: Chem.MolFromSmiles(smiles, sanitize=False))
    if mol is None:
        return f"unparsable SMILES: {complaint or _parse_complaint(smiles)}"
    return (
        sanitize_complaint(mol)
        or asked(Chem.MolFromSmiles, smiles)[1]
        or "RDKit makes no molecule of this SMILES and gives no reason"
    )


def _parse_complaint(smiles: str) -> str:
    """The first complaint of RDKit's parser, with the position where it names one."""
    text = smiles if smiles.isascii() else smiles.split(maxsplit=1)[0]
    if not text.isascii():  # RDKit's message may cut such a character in two, which Python cannot read
        at = next(i for i, character in enumerate(text) if not character.isascii())
        return f"character {text[at]!r} at position {at + 1}"
    with captured_messages() as messages:
        Chem.MolFromSmiles(text, sanitize=False)
    lines = [message.removeprefix("SMILES Parse Error: ") for message in messages]
    complaint = re.split(r" (?:while parsing|for input):", lines[0])[0] if lines else "RDKit gives no reason"
    position = next((found[1] for line in lines if (found := re.search(r"around position (\d+)", line))), None)
    return f"{complaint} at position {position}" if position else complaint


def sanitize_complaint(mol: Chem.Mol) -> str | None:
    """Why RDKit cannot sanitize ``mol``, or None if it can."""
    with rdBase.BlockLogs():
        return asked(lambda: Chem.SanitizeMol(Chem.RemoveHs(mol, sanitize=False)))[1]


@contextmanager
def captured_messages() -> Iterator[list[str]]:
    """The messages RDKit writes meanwhile, kept from stderr; its log settings are put back afterwards."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(re.sub(r"^\[[\d:]+\] ", "", record.getMessage()))  # type: ignore[method-assign]
    with _capture_lock, _interrupted_afterwards():
        disabled = [name for name, state in _log_states() if state == "disabled"]
        handlers, propagate = _RDKIT_LOGGER.handlers, _RDKIT_LOGGER.propagate
        _RDKIT_LOGGER.handlers, _RDKIT_LOGGER.propagate = [handler], False
        rdBase.LogToPythonLogger()
        try:
            yield messages
        finally:
            rdBase.LogToCppStreams()
            _RDKIT_LOGGER.handlers, _RDKIT_LOGGER.propagate = handlers, propagate
            for name, _ in _log_states():
                (rdBase.DisableLog if name in disabled else rdBase.EnableLog)(name)


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """Lets Ctrl-C come when the block has ended: RDKit loses an exception that is raised while it calls Python."""
    usual = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or not callable(usual):
        yield
        return
    came: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            usual(signal.SIGINT, came[0])


def _log_states() -> list[tuple[str, str]]:
    return [(name, state) for name, _, state in (line.partition(":") for line in rdBase.LogStatus().splitlines())]
