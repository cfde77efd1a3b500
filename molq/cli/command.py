"""A command of the command line: what fails in it is told in its flags, and it can be said again as typed."""

from __future__ import annotations

import re
import shlex
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from molq.cli.show import aside
from molq.errors import MolqError, MolqWarning
from molq.limits import BOUNDS, require_within
from molq.visible import one_line

_PARAMETER = re.compile(r"`([a-z][a-z0-9_]*)(?:=([^`]*))?`")
_UNREPEATED = ("force", "as_json")


class Command(TyperCommand):
    """A command whose errors speak of its flags where the layers below speak of parameters; warnings become notes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for parameter in self.params:
            if parameter.name in BOUNDS:
                parameter.help = f"{parameter.help} {BOUNDS[parameter.name]}."  # type: ignore[attr-defined]

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().make_context(*arguments, **options)
        except typer.BadParameter as error:
            error.message = one_line(error.message)
            raise

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("always", MolqWarning)
            warnings.showwarning = self._show
            try:
                require_within(**{name: value for name, value in ctx.params.items() if _is_bounded(name, value)})
                return super().invoke(ctx)
            except MolqError as error:
                error.args = (in_flags(str(error), self),)
                raise

    def _show(self, message: Warning | str, *_place: Any, **_more: Any) -> None:
        """Shows a warning as a note on standard error."""
        aside(f"note: {in_flags(str(message), self)}")


def _is_bounded(name: str, value: object) -> bool:
    return name in BOUNDS and isinstance(value, int | float)


def in_flags(message: str, command: Any) -> str:
    """``message`` with `parameter` and `parameter=value` as they are typed: --flag, --flag value, or the metavar.

    Words in backticks that are no parameter of ``command`` stay as they are.
    """
    parameters = {parameter.name: parameter for parameter in command.params}

    def spelled(match: re.Match[str]) -> str:
        parameter, value = parameters.get(match[1]), match[2]
        return match[0] if parameter is None else _spelling(parameter, value)

    return _PARAMETER.sub(spelled, message)


def _spelling(parameter: Any, value: str | None) -> str:
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or parameter.name.upper()).removesuffix("...")
        return name if value is None else f"{name} {value}"
    if value in (None, "True"):
        return _flag(parameter)
    if value == "False" and parameter.secondary_opts:
        return str(parameter.secondary_opts[0])
    return f"{_flag(parameter)} {value}"


def as_typed(context: typer.Context, **changes: Any) -> str:
    """The command line that repeats the running command: what was given, without --force and --json.

    ``changes`` give parameters another value, or None to leave them out.
    """
    words = context.command_path.split()[len((context.find_root().info_name or "").split()) :]
    values = {name: value for name, value in context.params.items() if _is_given(context, name)} | changes
    return _line(words, context.command.params, {k: v for k, v in values.items() if k not in _UNREPEATED})


def command_line(context: typer.Context, name: str, values: Mapping[str, Any]) -> str:
    """The command line that runs the command ``name`` of molq with the parameters ``values``; None leaves one out."""
    commands: Any = context.find_root().command
    return _line([name], commands.commands[name].params, values)


def _line(words: Sequence[str], parameters: Iterable[Any], values: Mapping[str, Any]) -> str:
    arguments: list[str] = []
    options: list[str] = []
    for parameter in parameters:
        value = values.get(parameter.name or "")
        if value is not None:
            (arguments if parameter.param_type_name == "argument" else options).extend(_words(parameter, value))
    return shlex.join(["molq", *words, *arguments, *options])


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _words(parameter: Any, value: Any) -> list[str]:
    values = value if isinstance(value, (list, tuple)) else [value]
    if parameter.param_type_name == "argument":
        return [str(item) for item in values]
    if isinstance(value, bool):
        return [_flag(parameter)] if value else list(parameter.secondary_opts[:1])
    return [word for item in values for word in (_flag(parameter), str(item))]


def _flag(parameter: Any) -> str:
    return str(parameter.opts[0])
