"""A space as RDKit perceives it: its sheets, cut to the windows that are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil

from molq.chem.properties import property_profile
from molq.errors import InputError
from molq.progress import Progress
from molq.spaces.properties.windowed import windowed
from molq.spaces.properties.windows import Windows, meeting
from molq.spaces.ranker import Ranker
from molq.spaces.rescore import Rescorer
from molq.spaces.sheets import Products, Sheet, perceive
from molq.spaces.space import Reaction


class SeenSpace:
    """The sheets of reactions, each with what scores its products by the engine.

    Raises InputError where RDKit refuses every product.
    """

    def __init__(
        self, reactions: Sequence[Reaction], ranker: Ranker, windows: Windows | None, seed: int, progress: Progress
    ) -> None:
        self.ranker, self.windows, self.seed = ranker, windows, seed
        self.refused: Counter[str] = Counter()
        """products that RDKit refuses, by reason"""
        self.n_products = 0
        """with those that the windows rule out"""
        rescorers: list[Rescorer] = []
        for reaction in reactions:
            found = perceive(reaction, ranker.network.recipe, seed, progress)
            products = Products(reaction, ranker.network.recipe)
            self.refused.update(found.refused)
            whole = [sheet for sheet in found.sheets if sheet.n_products]
            self.n_products += sum(sheet.n_products for sheet in whole)
            wanted = whole if windows is None else windowed(whole, windows, seed, progress)
            rescorers += [Rescorer(products, sheet, ranker) for sheet in wanted if sheet.n_products]
        if not rescorers and not self.n_products:
            why = f", most often for: {self.refused.most_common(1)[0][0]}" if self.refused else ""
            raise InputError(f"RDKit refuses every product of the space{why}")
        self.rescorers = tuple(rescorers)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(rescorer.sheet for rescorer in self.rescorers)

    @property
    def n_spellings(self) -> int:
        """Of a product, on average."""
        n_wanted = sum(sheet.n_products for sheet in self.sheets)
        return ceil(sum(sheet.n_spellings for sheet in self.sheets) / max(1, n_wanted))

    def wanted(self, smiles: Sequence[str]) -> list[int]:
        """Which of the products meet every condition, as RDKit says of the molecule."""
        if self.windows is None:
            return list(range(len(smiles)))
        names = self.windows.names
        profiles = property_profile(smiles, names).tolist()
        properties = [dict(zip(names, profile, strict=True)) for profile in profiles]
        return [i for i, found in enumerate(properties) if meeting(self.windows.conditions, found)]
