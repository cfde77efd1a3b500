"""Writes docs/commands.md from the commands themselves: ``python docs/make_commands.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from molq.cli.main import app

PATH = Path(__file__).with_name("commands.md")
_HEAD = """# Commands

Written by `python docs/make_commands.py` from the commands themselves; a test holds it to them.

`molq --version` prints the version; `python -m molq` is the same command. `molq --install-completion` teaches the shell
to complete commands, options, and the names of bundled models and data sets; `molq --show-completion` prints the lines.

Inputs everywhere: tables, SMILES and SD files, also compressed, as [files.md](files.md) says; `-` is standard input.
Results go to files or standard output, progress and warnings to standard error. Exit codes: 0 done, 1 an expected
failure with one clear line, 2 usage, 130 stopped with Ctrl-C. Nothing overwrites an input; an existing output needs
`--force`.
"""


def commands_md() -> str:
    """The whole document."""
    return _HEAD + "\n".join(_sections(typer.main.get_command(app), "molq"))


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(words, command) of every command below a group, in alphabetical order."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name in sorted(children):
        yield from commands(children[name], f"{path} {name}")


def _sections(root: Any, path: str) -> Iterator[str]:
    for words, command in commands(root, path):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        usage = " ".join([words, *(_metavar(p) for p in arguments), *(_required(p) for p in options if p.required)])
        yield f"\n## {words}\n\n{command.help}\n\n```\n{usage}{' [OPTIONS]' if options else ''}\n```\n"
        if arguments or options:
            yield "| | | default |\n|---|---|---|"
            for parameter in [*arguments, *options]:
                said = _metavar(parameter) if parameter in arguments else _spelling(parameter)
                yield f"| `{_cell(said)}` | {_cell(parameter.help or '')} | {_cell(_default(parameter))} |"


def _metavar(parameter: Any) -> str:
    return parameter.metavar or parameter.name.upper()


def _required(parameter: Any) -> str:
    return f"{parameter.opts[0]} {_metavar(parameter)}"


def _spelling(parameter: Any) -> str:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag:
        return names
    kind = parameter.display_type(None).strip("<>").removesuffix(" RANGE")
    return f"{names} {parameter.metavar or kind}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    shown = parameter.default is not None and not parameter.is_flag and parameter.default not in ("", ())
    return f"`{parameter.default}`" if shown else ""


if __name__ == "__main__":
    PATH.write_text(commands_md(), encoding="utf-8")
