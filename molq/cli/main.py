"""The molq command: registers every subcommand and turns expected failures into one line."""

from __future__ import annotations

import os
import sys

import typer

from molq import __version__
from molq.cli import calibset, data, space
from molq.cli.card import card
from molq.cli.command import Command
from molq.cli.diagnose import diagnose
from molq.cli.evaluate import evaluate
from molq.cli.export import export
from molq.cli.hits import hits
from molq.cli.import_ import import_
from molq.cli.info import info
from molq.cli.quantize import quantize
from molq.cli.screen import screen
from molq.cli.sensitivity import sensitivity
from molq.cli.serve import serve
from molq.cli.shards.merge import merge
from molq.cli.shards.plan import plan
from molq.cli.show import aside, say
from molq.cli.streams import drop_output, flush_output, open_streams
from molq.cli.study import study
from molq.cli.train import train
from molq.errors import MolqError

_TRACEBACK = "MOLQ_TRACEBACK"
"""environment variable that shows where an unexpected error came from"""

app = typer.Typer(
    name="molq",
    help="Molecular property predictors made small and fast without changing what they find.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.add_typer(calibset.app, name="calibset")
app.add_typer(space.app, name="space")
app.command("import", cls=Command)(import_)
for command in (
    info,
    card,
    screen,
    merge,
    plan,
    hits,
    quantize,
    evaluate,
    sensitivity,
    diagnose,
    study,
    train,
    export,
    serve,
):
    app.command(cls=Command)(command)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        say(f"molq {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 an expected failure with one clear line, 2 usage, 130 Ctrl-C."""
    open_streams()
    code = _ended()
    if code:
        drop_output()
    sys.exit(code)


def _ended() -> int | str | None:
    """The exit code of the command that was typed, after a line about what failed."""
    try:
        try:
            app()
        finally:
            flush_output()
    except SystemExit as ended:
        return ended.code
    except MolqError as error:
        return _failed(str(error))
    except BrokenPipeError:
        return 1
    except OSError as error:
        return _failed(": ".join(str(part) for part in (error.filename, error.strerror or error) if part is not None))
    except MemoryError:
        return _failed("memory is too short for this; give molq more of it, or less to do at once")
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        return _failed(
            f"unexpected {type(error).__name__}: {error}. This is a fault of molq; please report it with what the same "
            f"command says under {_TRACEBACK}=1"
        )
    return 0


def _failed(why: str) -> int:
    aside(f"error: {why}")
    return 1


if __name__ == "__main__":
    main()
