"""From a calibration set to what quantization reads, and to what a model card says of it."""

from __future__ import annotations

from typing import NamedTuple

from molq.calibset.spec import ChosenSet
from molq.chem.featurize import featurize
from molq.chem.packed import PackedGraphs
from molq.chem.recipe import Recipe
from molq.records.record import Rejected
from molq.results.calibration import CalibrationRecord


class CalibrationMolecules(NamedTuple):
    """A calibration set with the graphs of its molecules."""

    calibset: ChosenSet
    graphs: PackedGraphs
    rejected: list[Rejected]

    @property
    def smiles(self) -> list[str]:
        """Of the graphs."""
        refused = {rejected.row for rejected in self.rejected}
        return [smiles for i, smiles in enumerate(self.calibset.smiles) if i not in refused]

    def record(self, observer: str) -> CalibrationRecord:
        """How the set was chosen, what it covers, and how ranges were taken."""
        return CalibrationRecord(
            strategy=self.calibset.spec.strategy,
            size=self.calibset.spec.size,
            seed=self.calibset.spec.seed,
            sha256=self.calibset.sha256,
            molecules_used=self.graphs.n_mols,
            observer=observer,
            coverage=dict(self.calibset.coverage),
        )


def calibration_molecules(calibset: ChosenSet, recipe: Recipe) -> CalibrationMolecules:
    """The set with its graphs by a recipe; molecules that the featurizer refuses are listed and left out."""
    featurized = featurize(calibset.smiles, recipe=recipe)
    return CalibrationMolecules(calibset, featurized.graphs, featurized.rejected)
