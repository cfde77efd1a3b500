"""Reads a pickle without running it.

The pickle's opcodes are followed one by one, but every class and function stays a name (``Global``) and every call a
record of itself (``Instance``), so there is nothing that a file could execute. Names outside the allow-list are
refused all the same, so that a file which asks for them is told apart from a damaged one.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import Any, NamedTuple

from molq.errors import CheckpointError
from molq.interop.allowlist import DICTS, ENCODE, REBUILD_PARAMETER, REBUILD_TENSOR, STORAGE_DTYPES, is_allowed
from molq.interop.inert import Global, Instance, StorageRef, TensorRef
from molq.interop.numpy_values import SCALARS, numpy_scalar

MAX_PICKLE_BYTES = 1 << 24
MAX_OPCODES = 2_000_000
_MAX_BITS = 63
"""of a whole number: products and texts of larger ones take long, and as keys they may all be given one hash"""
_MAX_DIMENSIONS = 8
_KEY_TYPES = (str, int, float, bytes, type(None))
_WHOLE_MODELS = "chemprop.models."
_MARK = object()


class Unpickled(NamedTuple):
    """What the first pickle of some bytes holds."""

    value: Any
    storages: dict[str, StorageRef]
    """that its tensors are views of, by key"""
    n_bytes: int
    """of the pickle"""


def unpickle(data: bytes) -> Any:
    """The object tree of a torch checkpoint's pickle, made of plain values and the records of ``molq.interop.inert``.

    Raises CheckpointError when the pickle is damaged, oversized, or names a global outside the allow-list.
    """
    if len(data) > MAX_PICKLE_BYTES:
        raise CheckpointError(f"its pickle has {len(data):,} bytes, more than the {MAX_PICKLE_BYTES:,} that are read")
    return first_pickle(data).value


def first_pickle(data: bytes) -> Unpickled:
    """The pickle that ``data`` begins with, which may be MAX_PICKLE_BYTES long. Raises CheckpointError too."""
    machine = _Machine()
    try:
        for count, (opcode, argument, place) in enumerate(pickletools.genops(data)):
            if count >= MAX_OPCODES:
                raise CheckpointError(f"its pickle has more than {MAX_OPCODES:,} opcodes")
            if opcode.name == "STOP":
                return Unpickled(machine.result(), machine.storages, (place or 0) + 1)
            machine.step(opcode.name, argument)
    except ValueError as error:  # what pickletools raises on bytes that are no pickle
        raise CheckpointError(f"its pickle is damaged ({error})") from error
    raise CheckpointError("its pickle is damaged (no end)")


class _Machine:
    """The pickle machine's stack and memo, with calls recorded instead of made."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.storages: dict[str, StorageRef] = {}
        self.calls: dict[str, Callable[[], object]] = {
            "MARK": lambda: self.stack.append(_MARK),
            "POP": self.pop,
            "POP_MARK": self.pop_to_mark,
            "DUP": lambda: self.stack.append(self.top()),
            "MEMOIZE": lambda: self.memo.__setitem__(len(self.memo), self.top()),
            "APPEND": lambda: self.extend([self.pop()]),
            "APPENDS": lambda: self.extend(self.pop_to_mark()),
            "ADDITEMS": lambda: self.extend(self.pop_to_mark()),
            "SETITEM": lambda: self.set_items(self.pop_many(2)),
            "SETITEMS": lambda: self.set_items(self.pop_to_mark()),
            "TUPLE": lambda: self.stack.append(tuple(self.pop_to_mark())),
            "LIST": lambda: self.stack.append(self.pop_to_mark()),
            "FROZENSET": lambda: self.stack.append(self.pop_to_mark()),
            "DICT": self.make_dict,
            "STACK_GLOBAL": lambda: self.push_global(*self.pop_many(2)),
            "REDUCE": lambda: self.call(*self.pop_many(2)),
            "NEWOBJ": lambda: self.call(*self.pop_many(2)),
            "NEWOBJ_EX": self.call_with_keywords,
            "BUILD": self.build,
            "BINPERSID": self.push_storage,
        }

    def step(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            if isinstance(argument, int) and argument.bit_length() > _MAX_BITS:
                raise CheckpointError(
                    f"it holds a number of {argument.bit_length():,} bits, and {_MAX_BITS} are the most"
                )
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _TUPLES:
            self.stack.append(tuple(self.pop_many(_TUPLES[name])))
        elif name in _PUTS:
            self.memo[argument] = self.top()
        elif name in _GETS:
            if argument not in self.memo:
                raise _damaged(f"nothing is stored at {argument}")
            self.stack.append(self.memo[argument])
        elif name in self.calls:
            self.calls[name]()
        elif name == "GLOBAL":
            self.push_global(*argument.split(" ", 1))
        elif name not in _NO_OPERATION:
            raise CheckpointError(f"its pickle uses the opcode {name}, which torch never writes")

    def result(self) -> Any:
        if len(self.stack) != 1:
            raise _damaged(f"{len(self.stack)} values at its end, not one")
        return self.pop()

    def top(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise _damaged("a value is missing")
        return self.stack[-1]

    def pop(self) -> Any:
        value = self.top()
        del self.stack[-1]
        return value

    def pop_many(self, n: int) -> list[Any]:
        return [self.pop() for _ in range(n)][::-1]

    def pop_to_mark(self) -> list[Any]:
        start = len(self.stack) - 1
        while start >= 0 and self.stack[start] is not _MARK:
            start -= 1
        if start < 0:
            raise _damaged("a mark is missing")
        values = self.stack[start + 1 :]
        del self.stack[start:]
        return values

    def extend(self, values: list[Any]) -> None:
        target = self.top()
        if type(target) is not list:
            raise _damaged("items are added to what is no list")
        target.extend(values)

    def set_items(self, flat: list[Any]) -> None:
        target = self.top()
        if type(target) is not dict or len(flat) % 2:
            raise _damaged("keys are set on what is no dictionary")
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            # the hash of a nested tuple recurses in C, so that a deep one would end the process
            if not isinstance(key, _KEY_TYPES):
                raise _damaged("a key is neither text nor a number")
            target[key] = value

    def make_dict(self) -> None:
        flat = self.pop_to_mark()
        self.stack.append({})
        self.set_items(flat)

    def push_global(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise _damaged("the name of a global is no text")
        if not is_allowed(module, name):
            raise self.not_allowed(f"{_short(module)}.{_short(name)}")
        self.stack.append(Global(module, name))

    def not_allowed(self, path: str) -> CheckpointError:
        is_root = all(value is _MARK or value == "module" for value in self.stack)
        if is_root or path.startswith(_WHOLE_MODELS):
            return CheckpointError(
                f"it holds a pickled {path}, which only running code could bring back, and nothing of the file was run;"
                " if it is a chemprop model, load it where it was made and save it with chemprop.models.save_model"
            )
        return CheckpointError(f"it asks for {path}, which no chemprop checkpoint needs; nothing of the file was run")

    def call_with_keywords(self) -> None:
        callee, args, keywords = self.pop_many(3)
        self.call(callee, args)
        made = self.top()
        if not isinstance(made, Instance):
            raise _damaged("a call with keywords that is not understood")
        made.state = keywords

    def call(self, callee: Any, args: Any) -> None:
        if not isinstance(callee, Global) or not isinstance(args, tuple):
            raise _damaged("a call of what is no class or function")
        name = (callee.module, callee.name)
        if name in DICTS:
            if args:
                raise _damaged(f"{callee.name} is called with arguments")
            self.stack.append({})
        elif name == REBUILD_TENSOR:
            self.stack.append(_tensor(args))
        elif name == REBUILD_PARAMETER:
            if not args or not isinstance(args[0], TensorRef):
                raise _damaged("a parameter without a tensor")
            self.stack.append(args[0])
        elif name in SCALARS and (number := numpy_scalar(args)) is not None:
            self.stack.append(number)
        elif name == ENCODE and args[1:] == ("latin1",) and isinstance(args[0], str):
            self.stack.append(_latin1(args[0]))  # how protocol 2 writes bytes
        else:
            self.stack.append(Instance(callee, args))

    def build(self) -> None:
        state, target = self.pop(), self.top()
        if isinstance(target, Instance):
            target.state = state
        elif type(target) is not dict:  # an OrderedDict's attributes (the metadata of a state dict) are dropped
            raise _damaged("a state is set on what is no object")

    def push_storage(self) -> None:
        match self.pop():
            # torch before 1.6 ended it with None, or with a part of another storage, which was never written
            case ("storage", Global(module="torch", name=name), str(key), str(), int(numel), *rest) if (
                name in STORAGE_DTYPES
                and type(numel) is int
                and numel >= 0
                and key.isascii()
                and key.isdigit()
                and rest in ([], [None])
            ):
                stated = StorageRef(key, STORAGE_DTYPES[name], numel)
                storage = self.storages.setdefault(key, stated)
                if (storage.dtype, storage.numel) != (stated.dtype, stated.numel):
                    raise _damaged("a tensor's storage is described in two ways")
                self.stack.append(storage)
            case ("module", Global() as cls, *_):  # how torch before 1.6 names a class, its source text beside it
                self.stack.append(cls)
            case _:
                raise _damaged("a tensor's storage is not described as torch does")


_LITERALS = {"BINFLOAT", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINUNICODE", "SHORT_BINUNICODE"}
_LITERALS |= {"BINUNICODE8", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8"}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = {"BINPUT", "LONG_BINPUT"}
_GETS = {"BINGET", "LONG_BINGET"}
_NO_OPERATION = {"PROTO", "FRAME"}


def _tensor(args: tuple[Any, ...]) -> TensorRef:
    """The view that ``_rebuild_tensor_v2(storage, offset, size, stride, ...)`` means, checked against its storage."""
    match args:
        case (StorageRef() as storage, int(offset), tuple(size), tuple(stride), *_):
            numbers = (offset, *size, *stride)
            if len(size) == len(stride) <= _MAX_DIMENSIONS and all(type(n) is int and n >= 0 for n in numbers):
                count = 1
                for n in size:
                    count *= n
                last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
                # a view with more elements than its storage (stride 0) could be blown up to any size
                if count == 0 or (last < storage.numel and count <= storage.numel):
                    return TensorRef(storage, offset, size, stride)
                raise CheckpointError(
                    f"a tensor of shape {_short(list(size))} does not fit the {storage.numel} numbers stored for it"
                )
    raise _damaged("a tensor is not described as torch does")


def _latin1(text: str) -> bytes:
    try:
        return text.encode("latin1")
    except UnicodeEncodeError as error:
        raise _damaged("text stands for bytes and holds letters that are none") from error


def _damaged(what: str) -> CheckpointError:
    return CheckpointError(f"its pickle is damaged ({what})")


def _short(value: object) -> str:
    text = str(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return text if text.isprintable() else ascii(text)
