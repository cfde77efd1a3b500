"""The bytes are RDKit's on public sets, in other spellings and after mutations; no rejected molecule is accepted."""

import random

import pytest
from rdkit import Chem

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
