"""Records of SD files, through RDKit: canonical SMILES, title and data fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.rejection import captured_messages, sanitize_complaint
from molq.records.record import Record, Rejected
from molq.records.textfile import is_text

_END = "$$$$"


class SdfRecord(NamedTuple):
    """One record of an SD file. ``smiles`` is None where RDKit makes no molecule of it; ``reason`` says why."""

    smiles: str | None
    reason: str
    title: str
    data: dict[str, str]


def read_sdf(lines: Iterable[str], id_column: str | None = None) -> Iterator[Record | Rejected]:
    """One item per record. The id is the title line, or the data field ``id_column``."""
    for row, text in enumerate(sdf_texts(lines)):
        record = read_sdf_record(text)
        if not is_text(text):
            yield Rejected(row, record.smiles or "", "the record is not UTF-8 text")
        elif record.smiles is None:
            yield Rejected(row, "", record.reason)
        else:
            identifier = record.title if id_column is None else record.data.get(id_column, "")
            fields = {"smiles": record.smiles, "title": record.title, **record.data}
            yield Record(row, identifier or None, record.smiles, fields)


def sdf_texts(lines: Iterable[str]) -> Iterator[str]:
    """The text of each record, its ``$$$$`` line included; the last may lack it."""
    pending: list[str] = []
    for line in lines:
        pending.append(line)
        if line.startswith(_END):
            yield "".join(pending)
            pending = []
    if "".join(pending).strip():
        yield "".join(pending)


def read_sdf_record(text: str) -> SdfRecord:
    """The molecule and the data of one record; the SMILES is canonical."""
    block, data = _split(text)
    title = block.split("\n", 1)[0].strip()
    with BlockLogs():
        mol = Chem.MolFromMolBlock(block)
    if mol is None:
        return SdfRecord(None, _reason(block), title, data)
    if mol.GetNumAtoms() == 0:
        return SdfRecord(None, "no atoms", title, data)
    return SdfRecord(Chem.MolToSmiles(mol), "", title, data)


def _split(text: str) -> tuple[str, dict[str, str]]:
    """The mol block, and the data fields after it (several lines of one field stay together)."""
    block, end, rest = text.replace("\r\n", "\n").partition("\nM  END")
    data: dict[str, str] = {}
    name = None
    for line in rest.split("\n"):
        if line.startswith(">"):
            name = line.partition("<")[2].rpartition(">")[0].strip() or None
            if name is not None:
                data[name] = ""
        elif line.startswith(_END) or not line.strip():
            name = None
        elif name is not None:
            data[name] = f"{data[name]}\n{line}" if data[name] else line
    return block + end + "\n", data


def _reason(block: str) -> str:
    block = block.encode("ascii", "replace").decode()
    with captured_messages() as messages:
        mol = Chem.MolFromMolBlock(block, sanitize=False, removeHs=False)
    if mol is None:
        return f"unreadable mol block: {messages[0] if messages else 'RDKit gives no reason'}"
    return sanitize_complaint(mol) or "RDKit cannot make a molecule of this mol block"
