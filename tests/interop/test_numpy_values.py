import pickle

import numpy as np
import pytest

from molq.errors import CheckpointError
from molq.interop.inert import Global, Instance
from molq.interop.numpy_values import float_array, numpy_scalar
from molq.interop.unpickle import unpickle

RECONSTRUCT = Global("numpy.core.multiarray", "_reconstruct")
F8 = Instance(Global("numpy", "dtype"), ("f8", False, True), (3, "<", None, None, None, -1, -1, 0))


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["<f8", "<f4", "<i8", "<i4"])
def test_arrays_come_back_whatever_the_protocol(protocol, dtype):
    array = np.array([0, -3, 200, 7], dtype)
    found = float_array(unpickle(pickle.dumps(array, protocol)), "means")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, array)


def test_lists_of_numbers_are_taken():
    np.testing.assert_array_equal(float_array([1, 2.5], "means"), [1.0, 2.5])


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1, 2",
        [1, "2"],
        [True, False],
        Instance(RECONSTRUCT, (), (1, (2,), F8, False, b"\0" * 15)),
        Instance(RECONSTRUCT, (), (1, (1 << 62,), F8, False, b"\0" * 16)),
        Instance(RECONSTRUCT, (), (1, (2, 1), F8, False, b"\0" * 16)),
        Instance(RECONSTRUCT, (), (1, (2,), Instance(F8.cls, ("O8",), F8.state), False, b"\0" * 16)),
        Instance(RECONSTRUCT, (), (1, (2,), Instance(F8.cls, ("f8",), (3, ">")), False, b"\0" * 16)),
        Instance(RECONSTRUCT, (), (1, (1,), F8, False, "12345678")),
        Instance(RECONSTRUCT, (), None),
        Instance(Global("torch", "Size"), (), (1, (1,), F8, False, b"\0" * 8)),
        pickle.loads,
    ],
)
def test_what_is_no_row_of_numbers_is_refused(value):
    with pytest.raises(CheckpointError, match="its means are"):
        float_array(value, "means")


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(CheckpointError, match="no finite"):
        float_array([1.0, float("inf")], "means")


NUMBERS = [np.float64(0.1), np.float32(0.1), np.float16(0.5), np.int64(-3), np.int32(7), np.uint8(255), np.bool_(True)]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_a_scalar_is_its_number_in_every_protocol(number, protocol):
    back = unpickle(pickle.dumps({"dropout": number}, protocol))["dropout"]
    assert type(back) is type(number.item())
    assert back == number.item()


def dtype(code="f8", state=(3, "<", None, None, None, -1, -1, 0)):
    return Instance(Global("numpy", "dtype"), (code, False, True), state)


@pytest.mark.parametrize(
    "args",
    [
        (),
        (dtype(),),
        (dtype(), bytes(7)),
        (dtype(), "12345678"),
        (dtype("O"), bytes(8)),
        (dtype("f8,f8"), bytes(16)),
        (dtype("V100000000"), bytes(8)),
        (dtype("U2"), bytes(8)),
        (dtype(state=(3, "<<")), bytes(8)),
        (dtype(state=(3, ())), bytes(8)),
        (dtype(state=(3, ">")), bytes(8)),
        (Instance(Global("numpy", "ndarray"), ("f8",)), bytes(8)),
        (Instance(Global("numpy", "dtype"), ()), bytes(8)),
        ("f8", bytes(8)),
    ],
)
def test_what_is_no_number_stays_a_record(args):
    assert numpy_scalar(args) is None


def test_bytes_that_are_no_bytes_are_refused(script):
    with pytest.raises(CheckpointError, match="letters that are none"):
        unpickle(script().name("_codecs", "encode").call("€", "latin1").stop())
    assert unpickle(script().name("_codecs", "encode").call("é", "latin1").stop()) == b"\xe9"
