"""Mol blocks as SMILES: what is scored of an SD file is the canonical SMILES of each of its mol blocks."""

from __future__ import annotations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked
from molq.chem.rejection import captured_messages, sanitize_complaint
from molq.records.cells import cells_of
from molq.records.rows import MOL_BLOCK, SMILES, SourceRows


def spelled(rows: SourceRows) -> SourceRows:
    """The same rows with their molecules as SMILES; a mol block that RDKit makes no molecule of is refused."""
    if rows.kind != MOL_BLOCK:
        return rows
    rejected = dict(rows.rejected)
    smiles: list[str] = []
    for row, block in enumerate(rows.molecules.texts()):
        found, reason = smiles_of_block(block)
        smiles.append(found)
        if reason is not None:
            rejected.setdefault(row, reason)
    return rows._replace(molecules=cells_of(smiles), kind=SMILES, rejected=rejected)


def smiles_of_block(block: str) -> tuple[str, str | None]:
    """The canonical SMILES of a mol block, or "" and why RDKit makes no molecule of it."""
    with BlockLogs():
        mol, complaint = asked(Chem.MolFromMolBlock, block)
        if mol is not None and mol.GetNumAtoms() == 0:
            return "", "no atoms"
        if mol is None:
            return "", f"unreadable mol block: {complaint}" if complaint else _reason(block)
        smiles, complaint = asked(Chem.MolToSmiles, mol)
    return smiles or "", complaint


def _reason(block: str) -> str:
    block = block.encode("ascii", "replace").decode()
    with captured_messages() as messages:
        mol, raised = asked(lambda: Chem.MolFromMolBlock(block, sanitize=False, removeHs=False))
    if raised is not None:
        return f"unreadable mol block: {raised}"
    if mol is None:
        said = [text for message in messages for line in message.splitlines() if (text := line.strip(" *"))]
        complaint = next((text for text in said if not text.endswith("Violation")), "RDKit gives no reason")
        return f"unreadable mol block: {complaint}"
    return sanitize_complaint(mol) or "RDKit cannot make a molecule of this mol block"
