"""The molq command: registers every subcommand and turns expected failures into one line."""

from __future__ import annotations

import sys

import typer

from molq import __version__
from molq.cli import calibset, data
from molq.cli.command import Command
from molq.cli.diagnose import diagnose
from molq.cli.evaluate import evaluate
from molq.cli.import_ import import_
from molq.cli.info import info
from molq.cli.quantize import quantize
from molq.cli.screen import screen
from molq.cli.sensitivity import sensitivity
from molq.cli.study import study
from molq.cli.train import train
from molq.errors import MolqError

app = typer.Typer(
    name="molq",
    help="Molecular property predictors made small and fast without changing what they find.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.add_typer(calibset.app, name="calibset")
app.command("import", cls=Command)(import_)
for command in (info, screen, quantize, evaluate, sensitivity, diagnose, study, train):
    app.command(cls=Command)(command)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        typer.echo(f"molq {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure with one clear line, 2 usage, 130 Ctrl-C."""
    try:
        app()
    except MolqError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"error: {error.filename}: {error.strerror}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
