"""The best molecules of a screen as a list worth ordering: what is known of each, and what was left out."""

from __future__ import annotations

from typing import Literal

import msgspec

from molq.results.shown import Result

Applicability = Literal["inside", "edge", "outside"]
"""of what the model was trained on; what share of scores is wrong in each is measured in docs/applicability.md"""
VERDICT_WORDS: dict[Applicability, str] = {
    "inside": "like molecules that the model was trained on",
    "edge": "at the edge of what the model was trained on",
    "outside": "unlike what the model was trained on",
}
VERDICT_RATES = (
    "On molecules held out of public sets, classifiers that scored 0.8 or more were right in 94% of cases inside of "
    "what they were trained on, in 78% at its edge and in 69% outside. Scores of any size are told less apart: "
    "classifiers were wrong 0.83 times as often as on average inside and 1.13 times outside, values of regression 0.85 "
    "and 1.17 times."
)
"""what became of each, from docs/applicability.md"""


class Belief(Result, frozen=True):
    """Whether the score of a molecule can be believed: how near it lies to what the model was trained on."""

    similarity: float | None = None
    """Tanimoto, Morgan radius 2, to the nearest molecule of the training set"""
    nearest: str | None = None
    """SMILES of that molecule, where the training set's molecules are known and not only their fingerprints"""
    unseen_environments: float | None = None
    """share of atoms, 0 to 1, whose largest environment the training set never held"""
    spread: float | None = None
    """standard deviation of the score between the members of an ensemble"""
    verdict: Applicability | None = None


class Contributions(Result, frozen=True):
    """What each atom adds to the output of a task: ``baseline`` + sum(``atoms``) = ``output``.

    The output is what stands before a sigmoid or a softmax, log(p / (1 − p)) of a probability p, or a value in its own
    unit. A hydrogen's part is in that of the atom it is bound to.
    """

    atoms: tuple[float, ...]
    """in the order of the atoms in the SMILES, as RDKit's MolFromSmiles has them"""
    baseline: float
    """what the model says of no atoms, and with it the next two"""
    output: float
    features: float | None = None
    """what the molecule features add that the model takes beside the atoms; None where it takes none"""
    rounding: float = 0.0
    """what the rounding of the executed numbers adds, of which no atom has a part"""
    environments: tuple[float, ...] = ()
    """the same sum shared out by the environments around the atoms, not by the atoms in them"""


class Moved(Result, frozen=True):
    """The same molecule under the other model, ranked among the same molecules."""

    score: float
    rank: int
    """by the other model, 1 the best"""
    from_rank: int
    """by the scores of the file, among the same molecules"""
    among: int
    """molecules that both models scored and ranked: the considered ones, not the whole file"""
    contributions: Contributions | None = None
    """to the other score"""


class Hit(Result, frozen=True):
    """A molecule of the list. ``rank`` counts all rows of the scores by the task's column, 1 the best."""

    rank: int
    row: int
    """of the scores, the first 0"""
    smiles: str
    identifier: str | None
    score: float
    scores: dict[str, float]
    """every column of numbers that the row fills, by name"""
    others: dict[str, str] = msgspec.field(default_factory=dict)
    """the row's other cells, by column"""
    cluster: int | None = None
    """1 the cluster of the best molecule; None where no diverse choice was made"""
    cluster_size: int | None = None
    alerts: tuple[str, ...] = ()
    """``CATALOG: name`` of every pattern that matches"""
    properties: dict[str, float] = msgspec.field(default_factory=dict)
    belief: Belief | None = None
    contributions: Contributions | None = None
    moved: Moved | None = None


class Hits(Result, frozen=True):
    """The list, best first, and how it was chosen."""

    task: str
    columns: tuple[str, ...]
    """the columns of numbers, that of the task among them"""
    descending: bool
    """whether large scores are the best"""
    source: str
    rows: int
    """with a score; the ranks count them"""
    considered: int
    """the best of them, among which was chosen"""
    choice: Literal["top", "cluster", "maxmin"]
    hits: tuple[Hit, ...]
    unscored: dict[str, int] = msgspec.field(default_factory=dict)
    """reason → rows without a score, which are no hits"""
    left_out: dict[str, int] = msgspec.field(default_factory=dict)
    """reason → molecules of the considered that are not listed: what a filter dropped, repeats, unreadable SMILES"""
    other_columns: tuple[str, ...] = ()
    """names of ``Hit.others``"""
    filters: tuple[str, ...] = ()
    """alerts that were looked for: catalogs, and files of SMARTS"""
    conditions: tuple[str, ...] = ()
    """on properties, that every hit meets, such as ``mol_weight < 500``"""
    most_moved: tuple[Hit, ...] = ()
    """of the considered those whose rank differs most under ``against``, the most moved first; all have ``moved``"""
    model: str | None = None
    reference: str | None = None
    """what ``Belief.similarity`` is measured to, such as ``bace: 1,210 molecules``"""
    against: str | None = None
    notes: tuple[str, ...] = ()
