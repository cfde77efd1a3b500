"""Every verdict has a name of its own."""

from molq.chem.fastpath import verdicts


def test_names():
    numbers = [value for name, value in vars(verdicts).items() if name.isupper() and isinstance(value, int)]
    assert sorted(numbers) == [*range(verdicts.N_VERDICTS), verdicts.N_VERDICTS]
    assert len(set(verdicts.NAMES)) == len(verdicts.NAMES) == verdicts.N_VERDICTS
