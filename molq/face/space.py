"""Combinatorial spaces: ``molq.space`` reads one, and its products are drawn or walked through."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from molq.errors import InputError
from molq.face.inputs import Molecules, smiles_of
from molq.files import write_whole
from molq.limits import require_within
from molq.outputs import refuse_output
from molq.progress import SILENT, Progress
from molq.records.csv_lines import csv_line
from molq.results.shown import Shown
from molq.results.space import DiverseBy, ReactionSize, SpaceProduct, SpaceSample, SpaceScreen, SpaceSummary

if TYPE_CHECKING:
    from molq.engine.engine import Engine
    from molq.face.model import AnyModel
    from molq.results.space import SpaceLandscape
    from molq.spaces.products import Spelled
    from molq.spaces.ranker import Ranked
    from molq.spaces.space import Space, Synthon


def space(path: str | Path, *, progress: Progress = SILENT) -> CombinatorialSpace:
    """A space read from a file of synthons.

    The columns are those of RDKit's SynthonSpace text files (SMILES, synton_id, synton#, reaction_id; connectors
    ``[1*]`` to ``[4*]``) or of Chemspace's CSV (synton_role; connectors ``[U] [Np] [Pu] [Am]``), compressed or not.
    Raises InputError for another file, and where no reaction has synthons in every position.

    >>> import molq
    >>> with open("amides.txt", "w") as file:
    ...     print("SMILES synton_id synton# reaction_id", file=file)
    ...     print("[1*]C(=O)C 1 0 amide", "[1*]NC 2 1 amide", "[1*]NCC 3 1 amide", sep="\\n", file=file)
    >>> amides = molq.space("amides.txt")
    >>> len(amides)
    2
    >>> [product.smiles for product in amides.products]
    ['CNC(C)=O', 'CCNC(C)=O']
    """
    from molq.spaces.read_space import read_space

    return CombinatorialSpace(read_space(path, progress))


def space_from_reaction(
    reaction: str,
    reagents: Sequence[Molecules],
    *,
    name: str = "reaction",
    smiles_column: str | None = None,
    format: str | None = None,
    seed: int = 0,
    progress: Progress = SILENT,
) -> CombinatorialSpace:
    """The space that a reaction spans over collections of molecules, one for each reagent of the SMARTS, in its order.

    The reaction runs on every reagent, and its products are cut where atoms of different reagents meet. Left out, and
    counted, are reagents that do not react, react in several ways, or whose pieces depend on the partner. ``reagents``
    are paths, names of data sets, or lists of SMILES; those of a file keep its ids. Products drawn with ``seed`` are
    compared with those of the reaction, and a note tells how many differ.

    Raises InputError for a SMARTS that is no reaction of two or more reagents to one product.

    >>> import molq
    >>> amides = molq.space_from_reaction(
    ...     "[C:1](=[O:2])O.[N;H2:3]>>[C:1](=[O:2])[N:3]", [["CC(=O)O", "OC(=O)c1ccccc1"], ["CN", "CCN"]], name="amide"
    ... )
    >>> len(amides)
    4
    """
    from molq.spaces.from_reaction import space_of_reaction

    lists = [_reagents(molecules, smiles_column, format, progress) for molecules in reagents]
    return CombinatorialSpace(space_of_reaction(reaction, lists, name, seed, progress))


class CombinatorialSpace(Shown):
    """Products of synthons that nobody wrote down. It never changes."""

    def __init__(self, found: Space) -> None:
        self._space = found

    @property
    def summary(self) -> SpaceSummary:
        """Reactions, synthons and products in numbers, and what is odd."""
        found = self._space
        sizes = tuple(ReactionSize(r.id, tuple(map(len, r.positions)), r.n_products) for r in found.reactions)
        return SpaceSummary(found.source, sizes, found.n_synthons, found.n_products, found.left_out, found.notes)

    @property
    def products(self) -> Iterator[SpaceProduct]:
        """Every product that RDKit accepts, one after the other; the last position changes first."""
        from molq.spaces.products import all_combinations, spelled

        return (_product(one) for one in spelled(all_combinations(self._space)) if one.smiles is not None)

    def __len__(self) -> int:
        return self._space.n_products

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Writes the synthons in RDKit's text format, and gives the path.

        Raises OutputError when the file exists and ``force`` is False, or when it cannot be written.
        """
        from molq.spaces.synthon_table import synthon_text

        refuse_output(path, [self._space.source], force=force)
        write_whole(path, synthon_text(self._space), force=force)
        return Path(path)

    def sample(self, size: int, *, seed: int = 0) -> SpaceSample:
        """``size`` different products, each that RDKit accepts as likely as any other; fewer where there are no more.

        Raises InputError when RDKit refuses nearly all that are drawn.
        """
        from molq.spaces.products import draw

        drawn = draw(self._space, size, seed)
        return SpaceSample(self._space.source, seed, tuple(map(_product, drawn.products)), drawn.refused)

    def screen(
        self,
        model: AnyModel,
        output: str | Path | None = None,
        *,
        top: int = 1000,
        task: str | None = None,
        lowest: bool = False,
        threshold: float | None = None,
        reactions: Sequence[str] | None = None,
        sample_check: int = 10_000,
        where: str | None = None,
        score: str | None = None,
        diverse_by: DiverseBy | None = None,
        at_most: int = 1,
        workers: int | None = None,
        seed: int = 0,
        resume: bool = False,
        force: bool = False,
        progress: Progress = SILENT,
    ) -> SpaceScreen:
        """The ``top`` best products by a model, found by scoring every one; none is written down on the way.

        ``task`` is what products are ranked by, which a model of several must be told; ``lowest`` makes low scores the
        good ones, and ``threshold`` leaves out those that are worse. ``reactions`` are the ids of those to look at.
        ``where`` asks for properties, such as ``mw<500 and 20<=tpsa<120``: what hits are asked for as well, but for
        fraction_sp3. ``score`` ranks by scores of several columns, each times a number and added up, such as
        ``bace - 0.5*herg``; a name that is no word stands in backticks or quotes. ``diverse_by`` lets no more than
        ``at_most`` products share a ``synthon``, or be of one ``reaction``: from the best down, what shares one with as
        many better ones is left out. ``model`` is one, a path, or the name of a bundled one. ``output``, a .csv, takes
        the best as well.

        A product's score is added up of what its synthons give near and far from where they are joined; the best are
        scored again by the engine, and those are the scores that are given. ``sample_check`` products drawn with
        ``seed`` are scored both ways, and the result says how far the two lie apart. ``workers`` processes, by default
        one per core where the space is worth it, score; 0 is this process. The state of the work is kept in
        OUTPUT.partial: after an interruption ``resume`` goes on from there.

        Raises UnsupportedError for a model whose score is no sum over atoms and a ``score`` that is no such sum,
        InputError for an unknown task or reaction, OutputError when the output exists and ``force`` is False.

        >>> import molq
        >>> with open("amides.txt", "w") as file:
        ...     print("SMILES synton_id synton# reaction_id", file=file)
        ...     print("[1*]C(=O)C 1 0 amide", "[1*]NC 2 1 amide", "[1*]NCC 3 1 amide", sep="\\n", file=file)
        >>> best = molq.space("amides.txt").screen("esol-dmpnn", top=1)
        >>> best.hits[0].smiles
        'CNC(C)=O'
        """
        from molq.face.model import Model, load
        from molq.spaces.scanning.checkpoint import place_of, refuse_partial
        from molq.spaces.screen import Screening, screen_space

        require_within(top=top, sample_check=sample_check, workers=workers, seed=seed, at_most=at_most)
        if diverse_by not in (None, *get_args(DiverseBy)):
            raise InputError(f"`diverse_by` must be {' or '.join(get_args(DiverseBy))}, not {str(diverse_by)[:40]!r}")
        if diverse_by is None and at_most != 1:
            raise InputError("`at_most` is of what products share by `diverse_by`, which is not given")
        if threshold is not None and not math.isfinite(threshold):
            raise InputError(f"`threshold` is {threshold}; it must be a finite number")
        known = model if isinstance(model, Model) else load(model)
        if output is not None:
            refuse_output(output, [self._space.source], force=force)
        names = None if reactions is None else tuple(reactions)
        asked = Screening(
            top, task, lowest, names, threshold, sample_check, seed, workers, where, score, diverse_by, at_most
        )
        if output is None:
            if resume:
                raise InputError("without an `output` there is nothing to `resume`")
            return screen_space(self._space, bytes(known), known.name, asked, progress)
        output = Path(output)
        refuse_partial(output, resume=resume, force=force)
        found = screen_space(self._space, bytes(known), known.name, asked, progress, output=output, resume=resume)
        write_whole(output, _screen_text(found), force=force)
        place_of(output).unlink(missing_ok=True)
        return found

    def landscape(
        self, screen: SpaceScreen, model: AnyModel, *, seed: int = 0, progress: Progress = SILENT
    ) -> SpaceLandscape:
        """What the best products of a screen are made of: the synthons that stand most often in them, and their effect.

        Products drawn with ``seed`` are scored by the ``model`` that made the screen. ``write_report`` makes a page of
        it.

        Raises InputError where the screen is of another space, or the model has no score of its name.

        >>> import molq
        >>> with open("amides.txt", "w") as file:
        ...     print("SMILES synton_id synton# reaction_id", file=file)
        ...     print("[1*]C(=O)C 1 0 amide", "[1*]NC 2 1 amide", "[1*]NCC 3 1 amide", sep="\\n", file=file)
        >>> amides = molq.space("amides.txt")
        >>> found = amides.landscape(amides.screen("esol-dmpnn", top=1), "esol-dmpnn")
        >>> [synthon.id for position in found.reactions[0].synthons for synthon in position]
        ['1', '2']
        """
        from molq.engine.engine import Engine
        from molq.face.loaded import loaded_of
        from molq.spaces.landscape import landscape
        from molq.spaces.ranker import ranked_by
        from molq.workflows.hits.with_model import column_of, scores_of

        require_within(seed=seed)
        known = loaded_of(model)
        engine = Engine(known.network)
        if screen.score is not None:
            by = ranked_by(known.network.columns, None, screen.score)
            return landscape(self._space, screen, lambda smiles: _sum_of(engine, by, smiles), seed, progress)
        column = column_of(known, screen.ranked_by)
        return landscape(self._space, screen, lambda smiles: scores_of(engine, column, smiles), seed, progress)


def write_sample(sample: SpaceSample, path: str | Path, *, force: bool = False) -> Path:
    """Writes products as CSV (smiles, id, reaction), and gives its path.

    Raises OutputError when the file exists and ``force`` is False, or when it cannot be written.

    >>> import molq
    >>> with open("amides.txt", "w") as file:
    ...     print("SMILES synton_id synton# reaction_id", file=file)
    ...     print("[1*]C(=O)C 1 0 amide", "[1*]NC 2 1 amide", "[1*]NCC 3 1 amide", sep="\\n", file=file)
    >>> molq.write_sample(molq.space("amides.txt").sample(2), "drawn.csv").name
    'drawn.csv'
    """
    refuse_output(path, [sample.source], force=force)
    products = [(product.smiles, product.id, product.reaction) for product in sample.products]
    write_whole(path, "".join(map(csv_line, [("smiles", "id", "reaction"), *products])), force=force)
    return Path(path)


def _sum_of(engine: Engine, by: Ranked, smiles: Sequence[str]) -> NDArray[np.float64]:
    """[n] of a sum of scores, NaN where the model gives no number."""
    from molq.workflows.hits.with_model import scores_of

    total = np.full(len(smiles), by.constant)
    for place, weight in zip(by.places, by.weights, strict=True):
        total += weight * scores_of(engine, place, smiles)
    return total


def _screen_text(screen: SpaceScreen) -> str:
    """The best products as CSV: rank, smiles, id, scores, reaction, synthons."""
    most = max((len(hit.synthons) for hit in screen.hits), default=0)
    synthons = [f"synthon_{i}_{field}" for i in range(1, most + 1) for field in ("id", "smiles")]
    lines = [csv_line(("rank", "smiles", "id", *screen.columns, "reaction", *synthons))]
    for hit in screen.hits:
        cells = [cell for synthon in hit.synthons for cell in (synthon.id, synthon.smiles)]
        scores = [str(np.float32(score)) for score in hit.scores]
        lacking = [""] * (2 * most - len(cells))
        lines.append(csv_line((hit.rank, hit.smiles, hit.id, *scores, hit.reaction, *cells, *lacking)))
    return "".join(lines)


def _reagents(molecules: Molecules, smiles_column: str | None, format: str | None, progress: Progress) -> list[Synthon]:
    """Molecules with their ids, or their SMILES where they have none."""
    from molq.spaces.space import Synthon

    if isinstance(molecules, str | Path):
        from molq.chem.table import read_table
        from molq.data.locate import library_path

        table = read_table(library_path(molecules, progress), smiles_column=smiles_column, format=format)
        ids = table.ids or table.smiles
        return [Synthon(table.smiles[row], ids[row] or table.smiles[row]) for row in table.read]
    return [Synthon(smiles, smiles) for smiles in smiles_of(molecules, smiles_column, format, progress)]


def _product(one: Spelled) -> SpaceProduct:
    assert one.smiles is not None
    return SpaceProduct(one.smiles, one.combination.id, one.combination.reaction)
