import dataclasses

import pytest

from molq.interop.inert import Global, Instance, StorageRef, TensorRef


def test_a_global_is_its_name_and_nothing_else():
    system = Global("os", "system")
    assert system.path == "os.system"
    assert not callable(system)
    with pytest.raises(dataclasses.FrozenInstanceError):
        system.name = "getpid"  # type: ignore[misc]


def test_values_nested_without_end_can_be_shown_compared_and_hashed():
    """A pickle can nest them deeper than Python recurses."""
    deep = Instance(Global("a", "B"), ())
    for _ in range(20_000):
        deep = Instance(Global("a", "B"), (deep,), {"state": deep})
    assert len(repr(deep)) < 200
    assert deep == deep
    assert deep != deep.args[0]
    assert isinstance(hash(deep), int)
    while deep.args:  # taken apart from the outside, for Python frees nested values recursively
        (deep,) = deep.args


def test_what_was_not_read_is_told_apart_by_identity():
    storage = StorageRef("0", "<f4", 4)
    assert storage != StorageRef("0", "<f4", 4)
    assert TensorRef(storage, 0, (4,), (1,)) != TensorRef(storage, 0, (4,), (1,))
