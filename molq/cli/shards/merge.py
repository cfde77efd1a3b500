"""molq merge: the shards of a screen put together."""

from __future__ import annotations

from typing import Annotated

import typer

from molq.cli import options
from molq.cli.command import command_line, in_flags
from molq.cli.parsed import typed_names
from molq.cli.progress import shown
from molq.cli.show import show, show_json
from molq.errors import MissingShardsError


def merge(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="OUT", help="The directory that molq screen --shard wrote into.")],
    output: Annotated[str, options.output("FILE", ".csv, .csv.gz or .parquet; - for standard output.")],
    top: options.Top = None,
    threshold: options.Threshold = None,
    lowest: options.Lowest = False,
    resume: options.Resume = False,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Put the shards of a screen together: the file that one machine would have written."""
    import molq
    from molq.report.text.screen import merge_text

    if as_json and output == "-":
        raise typer.BadParameter("the summary and the scores cannot both go to standard output", param_hint="--json")
    with shown("merge", "row") as progress:
        try:
            summary = molq.merge(
                folder,
                output,
                top=top,
                threshold=threshold,
                lowest=lowest,
                resume=resume,
                force=force,
                progress=progress,
            )
        except MissingShardsError as error:
            columns = typed_names(error.call.get("columns", ())) or None
            line = command_line(context, "screen", {**error.call, "columns": columns, "shard": error.missing[0]})
            error.args = (f"{error}: {line}",)
            raise
    if as_json:
        show_json(summary)
        return
    show(summary, lambda found: in_flags(merge_text(found), context.command), beside=True)
