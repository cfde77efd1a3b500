"""The bytes are RDKit's on public sets, in other spellings and after mutations; no rejected molecule is accepted.

An error planted in any rule of the fast path is found by such a comparison.
"""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rdkit import Chem

import molq.chem.fastpath

LEAST_SHARE = {"tox21": 0.97, "hiv": 0.95, "muv": 0.98, "bace": 0.98, "enamine50k_scores": 0.995, "moses_train": 0.995}
ALPHABET = "CNOSPFIclBrnos[]()=#-+@/\\123456789%.:H"


@pytest.mark.parametrize("name", LEAST_SHARE)
def test_public_sets(dataset_smiles, share_equal, name):
    assert share_equal(dataset_smiles(name, 3_000)) >= LEAST_SHARE[name]


def spellings(mol: Chem.Mol, rng: random.Random) -> list[str]:
    kekule = Chem.Mol(mol)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    mapped = Chem.Mol(mol)
    for atom in mapped.GetAtoms():
        atom.SetAtomMapNum(rng.randint(0, 3))
    return [
        Chem.MolToSmiles(mol, doRandom=True),
        Chem.MolToSmiles(mol, doRandom=True, allBondsExplicit=True),
        Chem.MolToSmiles(mol, doRandom=True, allHsExplicit=True),
        Chem.MolToSmiles(kekule, doRandom=True, kekuleSmiles=True),
        Chem.MolToSmiles(kekule, doRandom=True, kekuleSmiles=True, allBondsExplicit=True),
        Chem.MolToSmiles(mapped, doRandom=True),
    ]


def test_other_spellings(dataset_smiles, share_equal, mol):
    rng = random.Random(0)
    chosen = rng.sample(dataset_smiles("bace", None) + dataset_smiles("tox21", None), 500)
    texts = [text for smiles in chosen if (parsed := mol(smiles)) for text in spellings(parsed, rng)]
    assert share_equal(texts) >= 0.85


def mutated(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return rng.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + rng.choice(ALPHABET) + text[at:],
            text[:at] + rng.choice(ALPHABET) + text[at + 1 :],
            text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
        ]
    )


def test_mutations(dataset_smiles, share_equal):
    rng = random.Random(1)
    originals = dataset_smiles("bace", None) + dataset_smiles("hiv", 2_000)
    assert 0.05 < share_equal([mutated(rng.choice(originals), rng) or "C" for _ in range(10_000)]) < 0.5


HERE = Path(__file__).parent
MOLECULES = [
    "CS(C)=O", "c1ccncc1", "C1=CC=CC#C1", "O=c1c(=O)c2cccc3cccc1c32", "c1ccnc1", "C1=CC(C)=CC=CC(C)=CC=C1",
    "C1=CC2=CC=CC(=CC=C1)C2", "F/C=C(/C=O)CO", "F/C=C(/C(C)O)C(N)N", "C1CC[C@]2(CC1)CC[C@]1(CC2)CCCCC1",
    "c1cc[nH]c1", "c1ccnc1", "C=1CC2CCC2C1", "C1C=2CCC1C2", "F[C@H](Cl)Br", "[C@@H]1(F)CCCCC1Cl",
    "C[S@](=O)CC", "C[C@H]1CC[C@@H](C)CC1", "C[C@H](C)Cl", "C[C@H](O)[C@@H](C)[C@H](O)C",
    "OCC[C@H](CCC)CC(C)=O", "CC(C)C[C@H](CCC)C=C", "F/C=C/F", "F/C(Cl)=C/F", "CC/C(C)=C(\\C)CO",
    "O/N=C/1CCCN1", "c1ccccc1C(=O)NC", "C1=CC=CC=C1O", "CS(=O)(=O)N", "CSC=C", "Pc1ccccc1", "C=CC=CC#N",
    "CC(=O)[O-].[NH4+]", "C1CC2CC1CC2", "CC1CC1C", "c1ccc2c(c1)Cc1ccccc1-2", "C1=CC2=CC=CC3=CC=CC(=C1)C23",
    "C1=CC2=CC=CC(=CC=C1)C2", "c1ccc2c(c1)CCC2=O", "O=c1cc[nH]cc1", "c1c[nH]cn1", "c1ccn2cccc2c1",
    "CP(=O)(O)O", "C[N+](C)(C)CC(=O)[O-]", "c1ccc(-c2ccccc2)cc1", "C1CC=CC1", "OB(O)c1ccccc1",
    "C%10CC%10CC(C1CC1)C1CC1", "[CH]C", "c1cccc1", "C(C", "CC(=O)NC1CC1", "C[n+]1ccccc1", "N[C@@H](C)C(=O)O",
    "CC[C@@](C)(O)C(=O)O", "C#Cc1ccccc1", "CN=C=O", "C1CC1=CC",
]  # fmt: skip

ERRORS = [
    ("reading.py", "begin, end = opening, atom", "begin, end = atom, opening"),
    ("reading.py", "tag, at = 1, at + 1", "tag, at = 2, at + 1"),
    ("reading.py", "direction = 3 - opening_direction", "direction = opening_direction"),
    ("reading.py", "w.closure[j - 1, 4] > w.closure[j, 4]", "w.closure[j - 1, 4] < w.closure[j, 4]"),
    ("rings.py", "if lowest[v] > found[u]:", "if lowest[v] >= found[u]:"),
    ("hydrogens.py", "return 4 if bonds <= 4 else 6", "return 6"),
    ("hydrogens.py", "hydrogens = 1 if number == 6 and heavy == 2 else 0", "hydrogens = 1 if heavy == 2 else 0"),
    ("hydrogens.py", "return valence == LEAST_VALENCE[number]", "return True"),
    ("aromaticity.py", "if not table.answers[at]:", "if False:"),
    ("aromaticity.py", "elif w.order[b] == 4:", "elif False:"),
    ("aromaticity.py", "w.key[length + 2] = w.degree[v]", "w.key[length + 2] = 0"),
    ("pieces.py", "if not _stands_alone(piece, n_members, w):", "if False:"),
    ("conjugation.py", "if number > 10 and", "if number > 20 and"),
    ("conjugation.py", "kind = 2 if degree <= 3 and _has_conjugated_bond(v, w) else 4", "kind = 4"),
    ("conjugation.py", "least - degree + lone_pair > 0", "True"),
    ("priorities.py", "count = 3 if w.order[bond] == 4 else 2 * w.order[bond]", "count = 1"),
    ("priorities.py", "w.entry[v, j - 1] < rank", "w.entry[v, j - 1] > rank"),
    ("tetrahedral.py", "return (n_inside == 4 and n_ranks == 3)", "return True or (n_inside == 4 and n_ranks == 3)"),
    ("tetrahedral.py", "if partners == 0:", "if False:"),
    ("tetrahedral.py", "_is_odd(v, w) != (w.hydrogens[v] == 1)", "_is_odd(v, w)"),
    ("double_bonds.py", "_Z if at_u == at_v else _E", "_E if at_u == at_v else _Z"),
    ("double_bonds.py", "one if w.rank[a] > w.rank[b] else 3 - one", "one"),
    ("kernel.py", "(w.in_ring[b] << 4)", "(w.in_ring[b] << 5)"),
]


def first_difference(folder: Path, planted: tuple[str, str, str] | None) -> str:
    """The first SMILES that a copy of the fast path with that error reads otherwise than RDKit."""
    package = folder / "planted"
    shutil.copytree(Path(molq.chem.fastpath.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in package.glob("*.py"):
        path.write_text(path.read_text().replace("molq.chem.fastpath", "planted"))
    if planted:
        name, right, wrong = planted
        source = (package / name).read_text()
        assert source.count(right) == 1, f"{name} holds {right!r} {source.count(right)} times"
        (package / name).write_text(source.replace(right, wrong))
    done = subprocess.run(
        [sys.executable, HERE / "with_planted_error.py", folder],
        input="\n".join(MOLECULES) + "\n",
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_an_error_nothing_differs(tmp_path):
    assert first_difference(tmp_path, None) == ""


@pytest.mark.parametrize("planted", ERRORS, ids=lambda planted: f"{planted[0]}: {planted[2]}")
def test_an_error_is_found(tmp_path, planted):
    assert first_difference(tmp_path, planted) != ""
