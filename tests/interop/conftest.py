import pickle
import zipfile

import pytest


class Script:
    """A pickle written opcode by opcode."""

    def __init__(self):
        self.code = b"\x80\x04"

    def add(self, raw):
        self.code += raw
        return self

    def text(self, value):
        data = value.encode()
        return self.add(pickle.BINUNICODE + len(data).to_bytes(4, "little") + data)

    def number(self, value):
        return self.add(pickle.BININT + value.to_bytes(4, "little", signed=True))

    def name(self, module, name):
        """A global, protocol 2's way."""
        return self.add(b"c" + module.encode() + b"\n" + name.encode() + b"\n")

    def stack_name(self, module, name):
        """A global, protocol 4's way."""
        return self.text(module).text(name).add(pickle.STACK_GLOBAL)

    def call(self, *arguments):
        """Calls the global below with text arguments."""
        self.add(pickle.MARK)
        for argument in arguments:
            self.text(argument)
        return self.add(pickle.TUPLE + pickle.REDUCE)

    def storage(self, kind="FloatStorage", key="0", numel=4):
        self.add(pickle.MARK).text("storage").name("torch", kind).text(key).text("cpu").number(numel)
        return self.add(pickle.TUPLE + pickle.BINPERSID)

    def numbers(self, values):
        self.add(pickle.MARK)
        for value in values:
            self.number(value)
        return self.add(pickle.TUPLE)

    def tensor(self, size, stride, offset=0, **storage):
        self.name("torch._utils", "_rebuild_tensor_v2").add(pickle.MARK).storage(**storage).number(offset)
        self.numbers(size).numbers(stride).add(pickle.NEWFALSE + pickle.NONE)
        return self.add(pickle.TUPLE + pickle.REDUCE)

    def stop(self):
        return self.code + pickle.STOP


@pytest.fixture
def script():
    return Script


@pytest.fixture
def archive(tmp_path):
    """Writes a zip as torch does: archive(pickle bytes, {storage key: bytes}) -> path."""

    def write(data, storages=None, *, name="model.pt", extra=(), compression=zipfile.ZIP_STORED, byteorder="little"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", compression) as file:
            file.writestr("model/data.pkl", data)
            if byteorder:
                file.writestr("model/byteorder", byteorder)
            for key, content in (storages or {}).items():
                file.writestr(f"model/data/{key}", content)
            for entry, content in extra:
                file.writestr(entry, content)
        return path

    return write
