"""Messages below the doors speak of parameters; each is a parameter of some command, so that it becomes a flag."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import typer.main

from molq.cli.main import app

ROOT = Path(__file__).resolve().parents[2] / "molq"
BELOW = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] != "cli"]
PYTHON_ALONE = {"validation_fraction"}
"""parameters of calls that no command has"""


@cache
def messages(path: Path) -> list[str]:
    """The texts of errors raised and warnings given, with {} for what is filled in."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = node.exc if isinstance(node, ast.Raise) else node
        is_warning = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "warn"
        if isinstance(call, ast.Call) and call.args and (isinstance(node, ast.Raise) or is_warning):
            found.append("".join(text(part) for part in ast.walk(call.args[0])))
    return found


def text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def parameters(group=None) -> set[str]:
    group = group or typer.main.get_command(app)
    found: set[str] = set()
    for command in group.commands.values():
        names = {parameter.name for parameter in command.params}
        found |= parameters(command) if hasattr(command, "commands") else names
    return found


def test_no_message_names_a_flag():
    for path in BELOW:
        for message in messages(path):
            assert not re.search(r"(?<![\w-])--[a-z]", message), f"{path}: {message}"


def test_every_parameter_that_a_message_names_is_one():
    known = parameters() | PYTHON_ALONE
    for path in BELOW:
        for message in messages(path):
            for name in re.findall(r"`([a-z][a-z0-9_]*)(?:=[^`]*)?`", message):
                assert name in known, f"{path}: {message}"


def test_messages_are_seen():
    assert sum("`force`" in message for path in BELOW for message in messages(path)) >= 2
    assert sum(len(messages(path)) for path in BELOW) > 100
