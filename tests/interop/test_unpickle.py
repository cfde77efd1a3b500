import collections
import os
import pickle
import time

import pytest

from molq.errors import CheckpointError
from molq.interop import unpickle as module
from molq.interop.inert import Global, Instance, TensorRef
from molq.interop.unpickle import unpickle


class Evil:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_come_back(protocol):
    value = {"a": [1, -2, 2**62, 0.5, None, True, False], "b": ("x", b"y" if protocol > 2 else "y", ()), "ü": {"c": []}}
    assert unpickle(pickle.dumps(value, protocol)) == value
    ordered = collections.OrderedDict(a=1, b=2)
    assert list(unpickle(pickle.dumps(ordered, protocol)).items()) == [("a", 1), ("b", 2)]


def test_shared_and_circular_references_are_kept():
    loop = []
    loop.append(loop)
    back = unpickle(pickle.dumps([loop, loop], 2))
    assert back[0] is back[1]
    assert back[0][0] is back[0]


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("function", "name"),
    [(os.system, "system"), (eval, "eval"), (exec, "exec"), (__import__, "__import__"), (getattr, "getattr")],
)
def test_a_call_through_reduce_is_refused_and_not_made(tmp_path, protocol, function, name):
    sentinel = tmp_path / "sentinel"
    argument = f"touch {sentinel}" if function is os.system else f"open({str(sentinel)!r}, 'w')"
    hostile = pickle.dumps({"hyper_parameters": Evil(function, argument)}, protocol)
    with pytest.raises(CheckpointError, match=name if protocol >= 2 else f"{name}|opcode"):
        unpickle(hostile)
    assert not sentinel.exists()


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("posix", "system"),
        ("builtins", "getattr"),
        ("builtins", "object"),
        ("torch", "load"),
        ("torch", "nn.Module"),
        ("torch.hub", "load"),
        ("torch.storage", "_load_from_bytes"),
        ("torch.nn.modules.linear", "Identity.__init__.__globals__"),
        ("chemprop.nn.agg", "MeanAggregation.__init__.__globals__"),
        ("chemprop.nn.metrics", "os.system"),
        ("chemprop.nn", "agg.os"),
        ("chemprop.utils", "Factory"),
        ("copyreg", "_reconstructor"),
        ("collections", "namedtuple"),
        ("collections", "OrderedDict.__class__"),
        ("numpy", "load"),
        ("functools", "partial"),
        ("molq.interop.inert", "Instance"),
        ("", ""),
    ],
)
def test_names_outside_the_list_are_refused(script, where, name):
    for hostile in (script().stack_name(where, name), script().name(where, name)):
        with pytest.raises(CheckpointError, match=r"nothing of the file was run|damaged"):
            unpickle(hostile.stop())


def test_the_refused_name_is_shown_printably_and_short(script):
    with pytest.raises(CheckpointError) as caught:
        unpickle(script().stack_name("os\x1b[2J", "x" * 10_000).stop())
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_an_allowed_class_is_recorded_and_not_called(script):
    made = unpickle(script().name("chemprop.nn.agg", "MeanAggregation").call("x").stop())
    assert isinstance(made, Instance)
    assert isinstance(made.cls, Global)
    assert (made.cls.path, made.args, made.state) == ("chemprop.nn.agg.MeanAggregation", ("x",), None)


def test_hostile_state_stays_data(script):
    """BUILD with __class__, __setstate__ and __dict__ among the keys, on an instance, then on the class itself."""
    state = {"__class__": "x", "__setstate__": "y", "__dict__": {"cls": "z"}, "state": 1}
    code = script().name("torch.nn.modules.linear", "Identity").add(pickle.EMPTY_TUPLE + pickle.NEWOBJ)
    made = unpickle(code.add(pickle.dumps(state, 2)[2:-1] + pickle.BUILD).stop())
    assert type(made) is Instance
    assert made.state == state
    on_class = script().name("torch.nn.modules.linear", "Identity").add(pickle.dumps(state, 2)[2:-1] + pickle.BUILD)
    with pytest.raises(CheckpointError, match="damaged"):
        unpickle(on_class.stop())


def test_calling_what_a_call_made_is_refused(script):
    """getattr(module, "system")("...") needs the result of a call to be callable; here it is a record."""
    code = script().name("chemprop.nn.agg", "MeanAggregation").call().call("touch sentinel")
    with pytest.raises(CheckpointError, match="no class or function"):
        unpickle(code.stop())


@pytest.mark.parametrize(
    "code",
    [
        pickle.EMPTY_LIST + pickle.EMPTY_LIST + pickle.EMPTY_TUPLE + pickle.REDUCE,
        pickle.REDUCE,
        pickle.BUILD,
        pickle.APPEND,
        pickle.SETITEMS,
        pickle.MARK,
        pickle.MARK + pickle.APPENDS,
        pickle.EMPTY_DICT + pickle.MARK + pickle.NONE + pickle.SETITEMS,
        pickle.EMPTY_DICT + pickle.MARK + pickle.NONE + pickle.APPENDS,
        pickle.EMPTY_LIST + pickle.NONE + pickle.NONE + pickle.SETITEM,
        pickle.EMPTY_DICT + pickle.EMPTY_TUPLE + pickle.NONE + pickle.SETITEM,
        pickle.BINGET + b"\x07",
        pickle.LONG_BINGET + b"\xff\xff\xff\xff",
        pickle.NONE + pickle.BINPERSID,
        pickle.PERSID + b"0\n",
        pickle.EXT1 + b"\x01",
        pickle.INST + b"os\nsystem\n",
        pickle.NEXT_BUFFER,
        pickle.MARK + pickle.NONE + pickle.OBJ,
        pickle.NONE + pickle.NONE,
        b"",
        b"\xff",
        pickle.GLOBAL + b"os",
        pickle.BINUNICODE + b"\xff\xff\xff\xff" + b"x",
        pickle.BINUNICODE8 + b"\xff" * 8 + b"x",
        pickle.BINBYTES8 + b"\xff" * 7 + b"\x7f" + b"x",
        pickle.BYTEARRAY8 + b"\xff" * 7 + b"\x7f" + b"x",
        pickle.LONG4 + b"\xff\xff\xff\x7f" + b"x",
        pickle.LONG + b"9" * 100_000 + b"L\n",
        pickle.BINUNICODE + b"\x01\x00\x00\x00\xff",
    ],
)
def test_malformed_pickles_are_refused(code):
    with pytest.raises(CheckpointError):
        unpickle(b"\x80\x04" + code + pickle.STOP)


def test_every_truncation_is_refused():
    whole = pickle.dumps({"state_dict": {"a": [1, 2.0, "x"]}, "b": (1, 2, 3, 4)}, 2)
    for length in range(len(whole)):
        with pytest.raises(CheckpointError):
            unpickle(whole[:length])


def test_a_huge_memo_index_takes_no_memory():
    back = unpickle(b"\x80\x02" + pickle.NONE + pickle.LONG_BINPUT + b"\xff\xff\xff\xff" + pickle.STOP)
    assert back is None


@pytest.mark.parametrize("opener", [pickle.TUPLE1, pickle.EMPTY_LIST])
def test_deep_nesting_ends_no_process(opener):
    depth = 300_000
    if opener == pickle.TUPLE1:
        code = pickle.EMPTY_TUPLE + opener * depth
    else:
        code = opener * depth + pickle.APPEND * (depth - 1)
    back = unpickle(b"\x80\x02" + code + pickle.STOP)
    assert type(back) in (tuple, list)
    del back  # frees the nest, which must not recurse either


def test_a_deep_tuple_as_a_key_is_refused_without_hashing_it():
    code = pickle.EMPTY_DICT + pickle.EMPTY_TUPLE + pickle.TUPLE1 * 300_000 + pickle.NONE + pickle.SETITEM
    with pytest.raises(CheckpointError, match="key"):
        unpickle(b"\x80\x02" + code + pickle.STOP)


def test_a_memo_bomb_stays_small():
    """Thirty doublings by reference: 2^30 leaves if anybody copied them."""
    code = pickle.EMPTY_LIST + pickle.BINPUT + b"\x00"
    for i in range(30):
        code += pickle.BINGET + bytes([i]) + pickle.TUPLE2 + pickle.BINPUT + bytes([i + 1])
    start = time.perf_counter()
    unpickle(b"\x80\x02" + code + pickle.STOP)
    assert time.perf_counter() - start < 1


def test_limits_on_bytes_and_opcodes(monkeypatch):
    monkeypatch.setattr(module, "MAX_OPCODES", 100)
    with pytest.raises(CheckpointError, match="opcodes"):
        unpickle(b"\x80\x02" + (pickle.NONE + pickle.POP) * 100 + pickle.NONE + pickle.STOP)
    monkeypatch.setattr(module, "MAX_PICKLE_BYTES", 100)
    with pytest.raises(CheckpointError, match="bytes"):
        unpickle(pickle.dumps("x" * 200, 2))


def test_a_tensor_is_a_reference(script):
    ref = unpickle(script().tensor((2, 2), (2, 1)).stop())
    assert isinstance(ref, TensorRef)
    assert (ref.size, ref.stride, ref.offset, ref.storage.numel) == ((2, 2), (2, 1), 0, 4)


@pytest.mark.parametrize(
    ("size", "stride", "changes"),
    [
        ((5,), (1,), {}),
        ((4,), (1,), {"offset": 1}),
        ((4,), (2,), {}),
        ((2,), (2**31 - 1,), {}),
        ((2**31 - 1,), (0,), {}),
        ((4,), (-1,), {}),
        ((-4,), (1,), {}),
        ((4,), (1,), {"offset": -1}),
        ((4,), (1,), {"numel": -4}),
        ((2, 2), (1,), {}),
        ((1,) * 9, (1,) * 9, {}),
        ((4,), (1,), {"kind": "UntypedStorage"}),
        ((4,), (1,), {"key": "../data.pkl"}),
        ((4,), (1,), {"key": "٣"}),
    ],
)
def test_tensors_that_do_not_fit_their_storage_are_refused(script, size, stride, changes):
    with pytest.raises(CheckpointError):
        unpickle(script().tensor(size, stride, **changes).stop())


def test_a_parameter_is_its_tensor(script):
    code = script().name("torch._utils", "_rebuild_parameter").add(pickle.MARK).tensor((2, 2), (2, 1))
    made = unpickle(code.add(pickle.NEWTRUE + pickle.NONE + pickle.TUPLE + pickle.REDUCE).stop())
    assert isinstance(made, TensorRef)
    assert made.size == (2, 2)
    for arguments in (pickle.EMPTY_TUPLE, pickle.NEWTRUE + pickle.TUPLE1):
        code = script().name("torch._utils", "_rebuild_parameter").add(arguments + pickle.REDUCE)
        with pytest.raises(CheckpointError, match="a parameter without a tensor"):
            unpickle(code.stop())


def test_keywords_of_a_call_are_recorded_as_its_state(script):
    code = script().text("below").name("chemprop.nn.agg", "MeanAggregation").add(pickle.EMPTY_TUPLE)
    code.add(pickle.EMPTY_DICT).text("dim").number(3).add(pickle.SETITEM + pickle.NEWOBJ_EX + pickle.TUPLE2)
    below, made = unpickle(code.stop())
    assert below == "below"
    assert (made.cls.name, made.args, made.state) == ("MeanAggregation", (), {"dim": 3})


def test_numbers_of_more_than_63_bits_are_refused():
    """Their products take minutes, and multiples of 2^61 - 1 as keys share one hash."""
    assert unpickle(pickle.dumps([2**63 - 1, 1 - 2**63], 2)) == [2**63 - 1, 1 - 2**63]
    for value in (2**63, 1 << 100_000, {i * (2**61 - 1): 0 for i in range(3_000)}):
        start = time.perf_counter()
        with pytest.raises(CheckpointError, match=r"a number of .* bits, and 63 are the most"):
            unpickle(pickle.dumps(value, 2))
        assert time.perf_counter() - start < 2
