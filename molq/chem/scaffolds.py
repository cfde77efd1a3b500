"""Bemis–Murcko scaffolds: the ring systems of a molecule and what links them.

Source: Bemis and Murcko, J. Med. Chem. 1996, 39, 2887; as in RDKit's MurckoScaffold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molq.chem.molecule import asked

NO_SCAFFOLD = "?"
"""stands for the scaffold of a SMILES that is no molecule, and itself is none"""
_CHUNK = 2048
_MAX_CARBON_NEIGHBOURS = 4


def murcko_scaffolds(smiles: Sequence[str], workers: int = 1) -> list[str]:
    """Canonical SMILES, without stereochemistry, of each molecule's scaffold; "" for an acyclic molecule and for "".

    A SMILES that is no molecule gives NO_SCAFFOLD. ``workers`` processes share the work; the answer is the same.

    >>> murcko_scaffolds(["Cc1cc(Oc2nccc(CCC)c2)ccc1", "CCO"])
    ['c1ccc(Oc2ccccn2)cc1', '']
    """
    return _mapped(_murcko_chunk, smiles, workers)


def generic_scaffolds(smiles: Sequence[str], workers: int = 1) -> list[str]:
    """The scaffold without atom and bond types: every atom a carbon, every bond single; "" as above.

    An atom with more than four neighbours, which no carbon has, becomes ``*``. A SMILES that is no molecule gives
    NO_SCAFFOLD.

    >>> generic_scaffolds(["Cc1cc(Oc2nccc(CCC)c2)ccc1"])
    ['C1CCC(CC2CCCCC2)CC1']
    """
    return _mapped(_generic_chunk, smiles, workers)


def _mapped(function: Callable[[Sequence[str]], list[str]], smiles: Sequence[str], workers: int) -> list[str]:
    if workers <= 1 or len(smiles) <= _CHUNK:
        return function(smiles)
    chunks = [smiles[i : i + _CHUNK] for i in range(0, len(smiles), _CHUNK)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return [scaffold for chunk in pool.map(function, chunks) for scaffold in chunk]


def _murcko_chunk(smiles: Sequence[str]) -> list[str]:
    with BlockLogs():
        return [_name(s, lambda scaffold: scaffold) for s in smiles]


def _generic_chunk(smiles: Sequence[str]) -> list[str]:
    with BlockLogs():
        return [_name(s, _generic) for s in smiles]


def _name(smiles: str, kind: Callable[[Chem.Mol], Chem.Mol]) -> str:
    name, _ = asked(_smiles_of, smiles, kind)
    return NO_SCAFFOLD if name is None else name


def _smiles_of(smiles: str, kind: Callable[[Chem.Mol], Chem.Mol]) -> str | None:
    scaffold = _scaffold(smiles)
    return None if scaffold is None else Chem.MolToSmiles(kind(scaffold), isomericSmiles=False)


def _scaffold(smiles: str) -> Chem.Mol | None:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        return None
    if mol.GetRingInfo().NumRings() == 0:
        return Chem.Mol()
    scaffold = Chem.MurckoDecompose(mol)
    scaffold.ClearComputedProps()
    scaffold.UpdatePropertyCache(strict=False)
    Chem.GetSymmSSSR(scaffold)
    return scaffold


def _generic(scaffold: Chem.Mol) -> Chem.Mol:
    for atom in scaffold.GetAtoms():
        atom.SetAtomicNum(6 if atom.GetDegree() <= _MAX_CARBON_NEIGHBOURS else 0)
        atom.SetIsAromatic(False)
        atom.SetIsotope(0)
        atom.SetFormalCharge(0)
        atom.SetNumRadicalElectrons(0)
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        atom.SetNoImplicit(False)
        atom.SetNumExplicitHs(0)
    for bond in scaffold.GetBonds():
        bond.SetBondType(Chem.BondType.SINGLE)
        bond.SetIsAromatic(False)
    scaffold.ClearComputedProps()
    scaffold.UpdatePropertyCache(strict=False)
    Chem.GetSymmSSSR(scaffold)
    return scaffold
