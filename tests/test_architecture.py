"""The layers of docs/architecture.md hold: who may import whom, which package may use which library, no cycles."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    {"cli", "sklearn", "ray", "server"},
    {"face", "datasets"},
    {"workflows", "screening", "spaces"},
    {"report"},
    {"engine", "store"},
    {"quant"},
    {"calibset", "training", "interop"},
    {"nn", "data"},
    {"chem", "results"},
    {"metrics", "records"},
    {"outputs", "columns"},
    {"compiled", "files", "limits", "progress", "serial", "shortage", "task_names", "visible"},
    {"remote"},
    {"errors"},
    {"urls"},
]
RANK = {"__main__": -1} | {package: i for i, row in enumerate(ROWS) for package in row}
ROOMS = {
    "report": [{"files"}, {"pages"}, {"figures"}, {"text"}],
    "workflows": [
        {"study", "diagnosis", "hits"},
        {"tuning", "validity"},
        {"precision"},
        {"compare", "export", "applicability"},
    ],
    "server": [{"routes"}, {"jobs"}, {"pool"}],
    "screening": [{"shards"}, {"workers"}, {"output"}],
}
"""the rooms of a package, above before below; a module that lies beside them may import any"""
MAX_MODULES = 25
LIBRARIES = {
    "torch": {"nn", "training", "interop", "quant", "engine", "store", "screening", "workflows"},
    "torch_geometric": {"nn"},
    "rdkit": {"chem"},
    "cuik_molmaker": {"chem"},
    "typer": {"cli"},
    "rich": {"cli"},
    "narwhals": {"face"},
    "jinja2": {"report", "server"},
    "fastapi": {"server"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "ray": {"screening"},
    "markupsafe": {"report"},
    "matplotlib": {"report"},
    "xlsxwriter": {"report", "server"},
    "chemprop": set(),
    "lightning": set(),
}
UNMIRRORED = {
    "cli": "its tests drive the commands",
    "e2e": "its tests walk from molecules to a ranked library",
    "browser": "its tests drive pages in Chromium",
}
TESTS_OF_MANY = {
    "records/test_any_bytes.py": "every reader and every byte",
    "face/test_heads.py": "every call with every head",
    "interop/test_heads.py": "every head of chemprop",
    "face/test_commands.py": "face takes what cli takes",
    "face/test_docstrings.py": "every public name",
    "face/test_exports.py": "every public name",
    "face/test_typing.py": "every public name",
}
"""tests of no one module, and of what they are"""
GRAB_BAGS = {"utils", "util", "helpers", "common", "misc"}
MODULES = sorted((ROOT / "molq").rglob("*.py"))


def package_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "molq").with_suffix("").parts
    return parts[0]


def name_of(path: Path) -> str:
    """The dotted name of a module, a package's own without the __init__."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def imports_of(source: str) -> set[str]:
    """All modules that the source of a module imports, at its top or later: ``from a import b`` may import a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            module = node.module or ""
            found |= {inner if (inner := f"{module}.{alias.name}") in NAMES else module for alias in node.names}
    return found


@cache
def imports_at(path: Path) -> set[str]:
    return imports_of(path.read_text(encoding="utf-8"))


def modules_in_cycles(graph: dict[str, set[str]]) -> set[str]:
    """The modules that import each other, and those that import them."""
    done: set[str] = set()
    while ready := {n for n, targets in graph.items() if n not in done and targets & set(graph) <= done}:
        done |= ready
    return set(graph) - done


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import molq.engine.kernels", {"molq.engine.kernels"}),
        ("from molq.engine.kernels import affine, jit", {"molq.engine.kernels"}),
        ("from molq.engine import kernels, walk_kernels", {"molq.engine.kernels", "molq.engine.walk_kernels"}),
        ("from molq import __version__, errors", {"molq", "molq.errors"}),
        ("def late():\n    from molq.engine import kernels as k", {"molq.engine.kernels"}),
    ],
)
def test_every_way_to_import_a_module_is_seen(source: str, found: set[str]) -> None:
    assert imports_of(source) == found


def test_a_cycle_is_seen() -> None:
    assert modules_in_cycles({"a": {"b"}, "b": {"c"}, "c": set(), "d": {"numpy"}}) == set()
    assert modules_in_cycles({"a": {"b"}, "b": {"c", "d"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}


def test_the_walk_sees_the_packages() -> None:
    assert {p.name for p in (ROOT / "molq").iterdir() if (p / "__init__.py").exists()} == set(RANK) - {
        "__main__",
        "columns",
        "sklearn",
        "ray",
        "datasets",
        "compiled",
        "errors",
        "files",
        "limits",
        "outputs",
        "progress",
        "serial",
        "shortage",
        "task_names",
        "urls",
        "visible",
    }


def strays(path: Path) -> Iterator[str]:
    """What a module imports against the rows of docs/architecture.md."""
    here = package_of(path)
    for name in imports_at(path):
        parts = name.split(".")
        is_inner = parts[0] == "molq" and len(parts) > 1 and here not in ("__init__", parts[1])
        if is_inner and RANK[parts[1]] <= RANK[here]:
            yield f"{path} imports {name}"
        if parts[0] in LIBRARIES and here not in LIBRARIES[parts[0]]:
            yield f"{path} imports {parts[0]}"


def test_imports_point_downwards() -> None:
    assert [stray for path in MODULES for stray in strays(path)] == []


def test_no_cycles_between_modules() -> None:
    # the package's own __init__ holds the version, which modules read, and names of the face, which it imports late
    graph = {name_of(path): imports_at(path) for path in MODULES if name_of(path) != "molq"}
    cycles = {name: graph[name] & modules_in_cycles(graph) for name in modules_in_cycles(graph)}
    assert not cycles, f"modules that import each other: {cycles}"


def strays_of_rooms(path: Path) -> Iterator[str]:
    """What a module imports of a room that does not lie below its own."""
    package, *inner = path.relative_to(ROOT / "molq").with_suffix("").parts
    rank = {room: i for i, row in enumerate(ROOMS.get(package, [])) for room in row}
    if not inner or inner[0] not in rank:
        return
    for name in imports_at(path):
        parts = name.split(".")
        is_room = parts[:2] == ["molq", package] and len(parts) > 2 and parts[2] in rank and parts[2] != inner[0]
        if is_room and rank[parts[2]] <= rank[inner[0]]:
            yield f"{path} imports {name}"


def test_rooms_import_downwards() -> None:
    assert [stray for path in MODULES for stray in strays_of_rooms(path)] == []


def test_no_folder_is_crowded() -> None:
    for folder in {path.parent for path in MODULES}:
        assert len([*folder.glob("*.py")]) - 1 <= MAX_MODULES, folder


def does_nothing(path: Path) -> bool:
    """Whether a module holds names, types and constants alone: no function of it has a body."""
    bodies = [
        [line for line in node.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    return not any(bodies)


def test_tests_mirror_the_source() -> None:
    modules = {path.relative_to(ROOT / "molq"): path for path in MODULES if path.name != "__init__.py"}
    mirrors = {
        inner.with_name(f"test_{inner.name}"): path
        for inner, path in modules.items()
        if inner.parts[0] not in UNMIRRORED and inner.name != "__main__.py"
    }
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    missing = {str(test) for test, path in mirrors.items() if test not in tests and not does_nothing(path)}
    assert not missing, "modules without tests of their name"
    strangers = {str(test) for test in tests - set(mirrors) if len(test.parts) > 1 and test.parts[0] not in UNMIRRORED}
    assert strangers <= set(TESTS_OF_MANY), "tests of no module"


def test_no_two_classes_share_a_name() -> None:
    names = [
        node.name
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted(names) == sorted(set(names))


def test_no_grab_bags() -> None:
    names = {part for p in MODULES for part in p.relative_to(ROOT).with_suffix("").parts}
    assert not names & GRAB_BAGS


def test_every_package_says_what_it_is_for() -> None:
    for init in (ROOT / "molq").glob("*/**/__init__.py"):
        assert "ever " in (ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""), init


def test_every_library_is_a_declared_row() -> None:
    assert set(itertools.chain.from_iterable(LIBRARIES.values())) <= set(RANK)
