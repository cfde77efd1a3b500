"""molq space: combinatorial spaces, products of synthons that nobody wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.command import Command
from molq.cli.progress import shown
from molq.cli.show import aside, show

app = typer.Typer(no_args_is_help=True, help="Combinatorial spaces: products of synthons that nobody wrote down.")
_Space = Annotated[
    Path, typer.Argument(metavar="SPACE", help="Synthon file: RDKit's text format or Chemspace's CSV, packed or not.")
]


@app.command(cls=Command)
def info(path: _Space, as_json: options.AsJson = False) -> None:
    """Show reactions, synthons and products of a space, and what is odd about it."""
    import molq
    from molq.report.text.space import space_text

    with shown("read") as progress:
        found = molq.space(path, progress=progress)
    show(found.summary, space_text, as_json)


@app.command(cls=Command)
def sample(
    path: _Space,
    size: Annotated[int, typer.Argument(metavar="N", help="Number of products.")],
    output: Annotated[Path, options.output("OUT.csv", "CSV file to write: smiles, id, reaction.")],
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Draw products uniformly from all that a space spans and RDKit accepts."""
    import molq
    from molq.face.space import write_sample
    from molq.outputs import refuse_output
    from molq.report.text.space import sample_text

    refuse_output(output, [path], force=force)
    with shown("read") as progress:
        found = molq.space(path, progress=progress)
    drawn = found.sample(size, seed=seed)
    written = write_sample(drawn, output, force=force)
    show(drawn, sample_text, as_json)
    aside(f"wrote {written}")
