import numpy as np
from rdkit import Chem

from molq.chem.isotopes import MAX_ATOMIC_NUMBER, atomic_mass, isotopes_by_mass, packed_isotope


def test_masses_are_those_of_rdkit_atoms():
    for z in range(MAX_ATOMIC_NUMBER + 1):
        for isotope in (0, 1, 2, z, 2 * z, 2 * z + 1, 999):
            atom = Chem.Atom(z)
            atom.SetIsotope(isotope)
            assert atomic_mass(z, isotope) == atom.GetMass()


def test_a_packed_isotope_changes_the_float32_feature_and_every_other_does_not():
    for z in range(MAX_ATOMIC_NUMBER + 1):
        for isotope in range(1, 330):
            changes = np.float32(0.01 * atomic_mass(z, isotope)) != np.float32(0.01 * atomic_mass(z))
            assert packed_isotope(z, isotope) == (isotope if changes else 0)


def test_no_two_isotopes_of_an_element_share_a_mass():
    assert all(len(isotopes_by_mass(z)) == 399 for z in range(1, MAX_ATOMIC_NUMBER + 1))
