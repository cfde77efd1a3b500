"""What fails is told in flags; a command can be said again as it was typed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import pytest
import typer
import typer.main
from typer.testing import CliRunner

from molq.cli import options
from molq.cli.command import Command, as_typed, in_flags
from molq.cli.main import app
from molq.errors import InputError


def all_commands(group=None, path: str = "molq"):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from all_commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL = dict(all_commands())


@pytest.mark.parametrize("words", ALL)
def test_every_parameter_of_every_command_is_told_as_it_is_typed(words):
    command = ALL[words]
    assert isinstance(command, Command)
    for parameter in command.params:
        told = in_flags(f"mend `{parameter.name}`, please", command)
        if parameter.param_type_name == "option":
            assert told == f"mend {parameter.opts[0]}, please"
            assert f" {parameter.opts[0]} " in f" {' '.join(parameter.opts)} "
        else:
            shown = parameter.metavar or parameter.name.upper()
            assert told == f"mend {shown.removesuffix('...')}, please"


@pytest.mark.parametrize("words", ALL)
def test_a_flag_is_its_parameter_with_dashes(words):
    """So that a message, a call and a command line use one word; a flag that is repeated stands for the plural.

    --json is the one that Python has a module for.
    """
    for parameter in ALL[words].params:
        if parameter.param_type_name == "option":
            flags = {flag.lstrip("-").replace("-", "_") for flag in parameter.opts}
            flags |= {f"{flag}s" for flag in flags if parameter.multiple} | {"as_json"} & {
                f"as_{flag}" for flag in flags
            }
            assert parameter.name in flags, (words, parameter.name)


def test_values_go_behind_the_flag():
    command = ALL["molq quantize"]
    assert in_flags("`qat_epochs=3`", command) == "--qat-epochs 3"
    assert in_flags("`force=True`", command) == "--force"
    assert in_flags("`equalize=False`", command) == "--no-equalize"
    assert in_flags("`model=m.molq`", command) == "M.molq m.molq"


def test_what_is_no_parameter_stays_as_it_is():
    command = ALL["molq info"]
    text = "see `molq data list`, `smiles_column`, `C((` and `MolqError`"
    assert in_flags(text, command) == text


def test_a_failing_command_keeps_its_error_and_its_cause():
    toy = typer.Typer()

    @toy.command(cls=Command)
    def fail(smiles_column: options.SmilesColumn = None) -> None:
        raise InputError("name the column with `smiles_column`") from KeyError("x")

    error = CliRunner().invoke(toy, []).exception
    assert isinstance(error, InputError)
    assert str(error) == "name the column with --smiles-column"
    assert isinstance(error.__cause__, KeyError)


@pytest.fixture
def toy():
    toy = typer.Typer()

    @toy.callback()
    def group() -> None: ...

    @toy.command(cls=Command)
    def make(
        context: typer.Context,
        models: list[Path],
        output: Annotated[Path, options.output("X")],
        task: options.Tasks = None,
        equalize: Annotated[bool | None, typer.Option("--equalize/--no-equalize")] = None,
        top: int = 3,
        lowest: Annotated[bool, typer.Option("--lowest")] = False,
        fix: Annotated[bool, typer.Option("--fix")] = False,
        force: options.Force = False,
        as_json: options.AsJson = False,
    ) -> None:
        typer.echo(as_typed(context))
        typer.echo(as_typed(context, fix=True, output="b.molq", task=None))

    return toy


def test_a_command_is_said_as_it_was_typed(toy):
    words = [
        "make",
        "a b.molq",
        "c.molq",
        "-o",
        "o.molq",
        "--task",
        "p",
        "--task",
        "q r",
        "--no-equalize",
        "--top",
        "3",
    ]
    done = CliRunner().invoke(toy, [*words, "--force", "--json"], catch_exceptions=False)
    typed, changed = done.stdout.splitlines()
    assert typed == "molq make 'a b.molq' c.molq --output o.molq --task p --task 'q r' --no-equalize --top 3"
    assert changed == "molq make 'a b.molq' c.molq --output b.molq --no-equalize --top 3 --fix"
    again = CliRunner().invoke(toy, shlex.split(typed)[1:], catch_exceptions=False)
    assert again.stdout == done.stdout
