"""The public API as text, one line a name; run as a script it writes public_api.txt."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from molq.progress import SILENT

FILE = Path(__file__).with_name("public_api.txt")
MODULES = ("molq", "molq.datasets", "molq.ray", "molq.sklearn")


def public_api() -> str:
    """Every exported name with its signature, and the public members of exported classes with theirs."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    for place in MODULES:
        module = import_module(place)
        for name in sorted(module.__all__):
            value = getattr(module, name)
            yield f"{place}.{name}{_signature(value)}"
            if inspect.isclass(value) and value.__module__.split(".")[1] in ("face", "sklearn"):
                yield from _members(value, f"{place}.{name}")


def _members(cls: type, place: str) -> Iterator[str]:
    for name in sorted(vars(cls)):
        value = inspect.getattr_static(cls, name)
        if name.startswith("_"):
            continue
        if isinstance(value, classmethod):
            yield f"{place}.{name}{_signature(value.__func__)}"
        elif inspect.isfunction(value):
            yield f"{place}.{name}{_signature(value)}"
        elif isinstance(value, property):
            yield f"{place}.{name}: {inspect.signature(value.fget).return_annotation}"


def _signature(value: object) -> str:
    """Of what is defined for users here; results and other values have types of their own."""
    own = inspect.isfunction(value) or (
        inspect.isclass(value) and value.__module__.split(".")[1] in ("face", "sklearn")
    )
    if not own or (isinstance(value, type) and issubclass(value, tuple)):
        return ""
    return str(inspect.signature(value)).replace("'", "").replace(str(SILENT), "SILENT")  # type: ignore[arg-type]


if __name__ == "__main__":
    FILE.write_text(public_api(), encoding="utf-8")
