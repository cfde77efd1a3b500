import pytest

from molq.chem.molecule_features.names import ALL_NAMES, NAMES, require_names
from molq.errors import InputError


def test_every_name_is_offered_alone_and_with_the_others():
    for name in ALL_NAMES:
        require_names((name,))
    require_names(ALL_NAMES)
    require_names(())


def test_chemprops_own_names_are_offered():
    from chemprop.featurizers.molecule import MoleculeFeaturizerRegistry

    assert set(NAMES) == set(MoleculeFeaturizerRegistry)


def test_another_name_is_refused_and_so_are_more_than_there_are():
    with pytest.raises(InputError, match=r"unknown molecule feature 'maccs': choose of morgan_binary, .*normalized"):
        require_names(("charge", "maccs"))
    with pytest.raises(InputError, match="11 molecule features are named, and there are 10"):
        require_names(("charge",) * 11)
