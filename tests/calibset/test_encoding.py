import numpy as np

from molq.calibset.encoding import LibraryEncoder
from molq.calibset.population import UNKNOWN, populate


def test_the_library_encodes_itself_without_unknowns(library):
    molecules = populate(library)
    encoded = LibraryEncoder(molecules).encode(molecules)
    for codes in (encoded.molecules, encoded.scaffolds, encoded.generics, encoded.rings):
        assert codes.min() == 0
    assert len(np.unique(encoded.scaffolds)) == 6
    assert encoded.atom_types.any(axis=0).all()


def test_equal_codes_mean_equal_names(library):
    encoder = LibraryEncoder(populate(library))
    encoded = encoder.encode(
        populate(["Cc1ccccc1", "Oc1ccccc1", "Cc1ccncc1"])
    )  # sorted: C benzene, C pyridine, O benzene
    assert encoded.scaffolds[0] == encoded.scaffolds[2] != encoded.scaffolds[1]
    assert len(set(encoded.generics)) == 1


def test_what_the_library_has_not_is_unknown(library):
    encoded = LibraryEncoder(populate(library)).encode(populate(["C1CC2CC1CC2[Si](C)(C)C"]))
    assert (encoded.molecules[0], encoded.scaffolds[0], encoded.generics[0], encoded.rings[0]) == (UNKNOWN,) * 4
    silicon = populate(["C[Si](C)(C)C"])
    assert LibraryEncoder(silicon).encode(populate(library)).atom_types.shape == (len(library), 2)


def test_take_keeps_rows_together(library):
    molecules = populate(library)
    encoded = LibraryEncoder(molecules).encode(molecules)
    part = encoded.take(np.array([5, 2]))
    assert len(part) == 2
    np.testing.assert_array_equal(part.profile, encoded.profile[[5, 2]])
    np.testing.assert_array_equal(part.molecules, encoded.molecules[[5, 2]])
