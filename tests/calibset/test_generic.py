import csv
from importlib.resources import files

from molq.calibset.generic import generic_compounds
from molq.calibset.population import populate


def test_every_compound_parses_and_none_is_repeated():
    compounds = generic_compounds()
    assert len(compounds) == len(set(compounds)) == 279
    assert populate(compounds).n_rejected == 0


def test_every_compound_has_its_own_name():
    text = files("molq.calibset").joinpath("generic_compounds.csv").read_text(encoding="utf-8")
    names = [row["name"] for row in csv.DictReader(text.splitlines())]
    assert all(names)
    assert len(set(names)) == len(names)
