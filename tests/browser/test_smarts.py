"""The matcher of the pages finds what RDKit's HasSubstructMatch finds, and refuses what it does not know."""

from __future__ import annotations

import csv
import gzip
import random
import re
from pathlib import Path

import pytest
from browser.scripts import load, plain
from rdkit import Chem, RDConfig
from rdkit.rdBase import BlockLogs

from molq.chem.sketch import sketch

ROOT = Path(__file__).parents[2]
OWN = [
    *(
        "C",
        "c",
        "[#6]",
        "*",
        "A",
        "a",
        "[A;R]",
        "[C,N;R0]",
        "[!#6;!#1]",
        "[!C&!c]",
        "[N+]",
        "[O-]",
        "[+]",
        "[-]",
        "[+0]",
    ),
    *(
        "[++]",
        "[+2]",
        "[-1]",
        "[nH]",
        "[NH2]",
        "[CH3]",
        "[CX4H2]",
        "[#7;H0]",
        "[!H0;#7]",
        "[H]",
        "[H+]",
        "[2H]",
        "[D3]",
    ),
    *(
        "[D]",
        "[X1]",
        "[v4]",
        "[v3;#7]",
        "[h]",
        "[h2]",
        "[H1,H2;!C]",
        "[R]",
        "[R0]",
        "[R2]",
        "[R3]",
        "[r]",
        "[r5]",
        "[r6;a]",
    ),
    *(
        "[r0]",
        "[r3,r4]",
        "[x2]",
        "[x3]",
        "[x0]",
        "[x]",
        "[2H]C",
        "[12C]",
        "[13C]",
        "[Fe]",
        "[Pt]",
        "[se]",
        "[Se]",
        "[Si]",
    ),
    *(
        "[Na+].[Cl-]",
        "C.C",
        "CC",
        "C-C",
        "C=C",
        "C#N",
        "C~N",
        "c:c",
        "c-c",
        "C@C",
        "C!@C",
        "C-;!@C",
        "C=,#C",
        "C-,=;@C",
    ),
    *("c!:c", "C!-C", "[*]~[*]", "C/C=C/C", r"C/C=C\C", "N[C@@H](C)C", "[C@](C)(N)O", "C1CC1", "C1CCCCC1", "c1ccccc1"),
    *(
        "c1ccccc1-c1ccccc1",
        "C%10CC%10",
        "C%(101)CC%(101)",
        "C=1CCCCC=1",
        "C1CCCCC=1",
        "c1ccc2c(c1)cccc2",
        "C1CC2CC1CC2",
    ),
    *(
        "[v0]",
        "[v1]",
        "[v4]",
        "[$([NX3;H2,H1;!$(NC=O)])]",
        "[$(C=O)]N",
        "[!$(C=O)]N",
        "[$([OH]c)]",
        "[N;$(N-c1ccccc1);!$(N=*)]",
        "[$(*~[$(*=O)])]",
    ),
    *("C(C)(C)C", "C(F)(F)F", "CC(=O)O", "[CX3](=O)[OX2H1]", "[c;$(c1ccccc1)]Cl", "[OX2H]", "S(=O)(=O)N", "[C:1][N:2]"),
    *("[#6:3]", "[N&H2,n&H1]", "[!#1!#6]", "[CH2][CH2][CH2]", "O=C(N)N", "[N+](=O)[O-]", "N=[N+]=[N-]", "P(=O)(O)O"),
]
"""every primitive, bond and operator"""
UNKNOWN = [
    *("[^2]", "[C@TH1](N)C", "C->N", "C<-N", "[R{1-2}]", "[D{2-}]", "(C).(C)", "C>>N", "[k5]", "[z]", "[Z1]", "[#H]"),
    *(
        "C(",
        "C)",
        "C((C))",
        "C()C",
        "C1CC",
        "C11",
        "C12CC12",
        "[C",
        "[]",
        "[$(C]",
        "C=",
        "=C",
        ".C",
        "C.",
        "1C",
        "Q",
        "[Q]",
    ),
    *("C C", "%", "C%1C", "[C:]", "[!]", "C!C", "$", "", "{}", "é", "😀", "[C,,N]"),
]
"""refused in words, never guessed; RDKit knows some of them"""
STRANGE = [
    *("[H][H]", "[2H]C([2H])O", "[Na+].[Cl-]", "C[Si](C)(C)C", "c1cc[se]c1", "[Fe]", "C[N+](=O)[O-]", "*CC", "C[CH2]"),
    *(
        "OB(O)c1ccccc1",
        "[H]N([H])[Pt](Cl)Cl",
        "FS(F)(F)(F)(F)F",
        "C1CC2CCC1C2",
        "C12C3C4C1C5C2C3C45",
        "[13CH4]",
        "[H+]",
    ),
    *("[NH3]->[Pt](Cl)(Cl)<-[NH3]", "CN1->[Co+2](<-NCC1)Cl", "CO->[Li]"),
    *("c1ccc2c(c1)ccc1ccccc12", "O=c1cc[nH]c2ccccc12", "N#[N+]c1ccccc1", "C[N-][N+]#N", "[O-]S(=O)(=O)[O-].[Ca+2]"),
]
ATOMS = [
    *("C", "N", "O", "c", "n", "*", "a", "A", "[#6]", "[#7]", "[#8]", "[!#6]", "[R]", "[R0]", "[D2]", "[D3]", "[X3]"),
    *("[H0]", "[H1]", "[r6]", "[r5]", "[x2]", "[C,N]", "[c,n;R]", "[!C;!N]", "[v3]", "[+0]", "[$(*=O)]", "[!$(*~O)]"),
]
BONDS = ["", "", "", "", "-", "=", "~", ":", "@", "!@", "-,=", "-;@", "!-"]


def random_pattern(chance: random.Random) -> str:
    """A chain with a branch and a ring now and then."""
    text = chance.choice(ATOMS)
    for _ in range(chance.randrange(1, 6)):
        piece = chance.choice(BONDS) + chance.choice(ATOMS)
        text += f"({piece})" if chance.random() < 0.25 else piece
    if chance.random() < 0.2:
        atoms = re.sub(r"^(\[[^]]*\]|.)", r"\g<1>1", text)
        text = f"{atoms}~*1"
    return text


@pytest.fixture(scope="module")
def molecules() -> list[str]:
    with gzip.open(ROOT / "datasets" / "bace.csv.gz", "rt") as file:
        bace = [row["mol"] for row in csv.DictReader(file)][::60]
    with gzip.open(ROOT / "datasets" / "clintox.csv.gz", "rt") as file:
        drugs = [row["smiles"] for row in csv.DictReader(file)][::18]
    return [smiles for smiles in [*STRANGE, *bace, *drugs] if sketch(smiles)]


@pytest.fixture(scope="module")
def patterns() -> list[str]:
    pains = (Path(RDConfig.RDDataDir) / "Pains" / "wehi_pains.csv").read_text(encoding="utf-8")
    known = [row[0] for row in csv.reader(pains.splitlines())][::3]
    chance = random.Random(0)
    with BlockLogs():  # a ring of two atoms is no pattern
        drawn = [text for _ in range(250) if Chem.MolFromSmarts(text := random_pattern(chance))]
    return [*OWN, *known, *drawn]


@pytest.fixture
def found(browser, molecules):
    """Pattern by pattern a letter for each molecule, or what is said of a pattern that is refused."""
    load(browser, "smarts")
    graphs = plain([sketch(smiles) for smiles in molecules])
    return lambda patterns: browser.execute_script(
        """
        const graphs = arguments[1].map(smarts.graph);
        return arguments[0].map((text) => {
          try {
            const query = smarts(text);
            return graphs.map((graph) => (query.matches(graph) ? "1" : "0")).join("");
          } catch (error) {
            return `${error instanceof smarts.Refused ? "refused" : "broken"}: ${error.message}`;
          }
        });
        """,
        patterns,
        graphs,
    )


def test_it_agrees_with_rdkit(found, patterns, molecules):
    mols = [Chem.MolFromSmiles(smiles) for smiles in molecules]
    n_pairs = n_found = 0
    for pattern, said in zip(patterns, found(patterns), strict=True):
        query = Chem.MolFromSmarts(pattern)
        expected = "".join(str(int(mol.HasSubstructMatch(query))) for mol in mols)
        assert said == expected, pattern
        n_pairs += len(expected)
        n_found += expected.count("1")
    assert n_pairs > 50_000
    assert n_found > 10_000


def test_what_it_does_not_know_is_refused_in_words(found):
    for pattern, said in zip(UNKNOWN, found(UNKNOWN), strict=True):
        assert re.fullmatch(r"refused: .+ \(character \d+\)", said), (pattern, said)


def test_nothing_is_accepted_that_rdkit_rejects(found):
    """Patterns with a character taken out or put in."""
    chance = random.Random(1)
    spoilt = []
    for pattern in OWN:
        at = chance.randrange(len(pattern))
        spoilt += [pattern[:at] + pattern[at + 1 :], pattern[:at] + chance.choice("()[]=1;,!$:@+") + pattern[at:]]
    with BlockLogs():
        rejected = [text for text in spoilt if Chem.MolFromSmarts(text) is None]
    assert len(rejected) > 50
    accepted = [text for text, said in zip(rejected, found(rejected), strict=True) if not said.startswith("refused")]
    assert accepted == []


def test_stereo_is_not_looked_at_and_said(browser):
    load(browser, "smarts")
    said = browser.execute_script("return ['C[C@H](N)O', 'C/C=C/C', 'CC'].map((text) => smarts(text).notes.join())")
    assert said == ["stereo is not looked at", "stereo is not looked at", ""]


def test_a_pattern_that_would_take_for_ever_ends(browser):
    load(browser, "smarts")
    graph = plain(
        [
            sketch(
                "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41"
            )
        ]
    )[0]
    with pytest.raises(Exception, match="takes too long"):
        browser.execute_script("smarts(arguments[0]).matches(smarts.graph(arguments[1]))", "*~" * 22 + "[#7]", graph)
