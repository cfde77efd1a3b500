"""molq space: combinatorial spaces, products of synthons that nobody wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.command import Command, in_flags
from molq.cli.progress import shown
from molq.cli.saving import saved
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
def from_reaction(
    reaction: Annotated[str, typer.Argument(metavar="SMARTS", help="Reaction SMARTS of two or more reagents.")],
    reagents: Annotated[
        list[str],
        typer.Argument(
            metavar="REAGENTS...",
            help="A file of molecules for each reagent of the SMARTS, in its order.",
            autocompletion=completion.molecules,
        ),
    ],
    output: Annotated[Path, options.output("SPACE.txt", "Synthon file to write, in RDKit's text format.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the reaction.")] = "reaction",
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    seed: options.Seed = 0,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a space of a reaction and its reagents: run it on each, and cut the products where reagents meet."""
    import molq
    from molq.outputs import refuse_output
    from molq.report.text.space import space_text

    refuse_output(output, reagents, force=force)
    with shown("react") as progress:
        found = molq.space_from_reaction(
            reaction,
            reagents,
            name=name,
            smiles_column=smiles_column,
            format=format,
            seed=seed,
            progress=progress,
        )
    written = found.save(output, force=force)
    show(found.summary, space_text, as_json)
    aside(f"wrote {written}")


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


@app.command(cls=Command)
def screen(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            metavar="M.molq",
            help="What to score with: a .molq file or a bundled model.",
            autocompletion=completion.models,
        ),
    ],
    path: _Space,
    output: Annotated[
        Path, options.output("HITS.csv", "CSV file to write: rank, smiles, id, scores, reaction, synthons.")
    ],
    top: Annotated[int, typer.Option(metavar="N", help="How many of the best products to find.")] = 1000,
    task: Annotated[
        str | None, typer.Option(metavar="NAME", help="What products are ranked by, where a model has several tasks.")
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            metavar="EXPRESSION",
            help="Rank by scores of several tasks, each times a number, such as 'bace - 0.5*herg'.",
        ),
    ] = None,
    lowest: Annotated[bool, typer.Option("--lowest", help="Low scores are the good ones.")] = False,
    threshold: Annotated[
        float | None, typer.Option(help="Leave out products that score less than this (with --lowest: more).")
    ] = None,
    reactions: Annotated[
        list[str] | None,
        typer.Option("--reaction", metavar="ID", help="Only the products of this reaction; may be given again."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="CONDITIONS", help="Only products that meet them, such as 'mw<500 and 20<=tpsa<120'."),
    ] = None,
    diverse_by: Annotated[
        str | None,
        typer.Option(
            metavar="synthon|reaction",
            help="From the best down, leave out products that share a synthon, or a reaction, with a better one.",
        ),
    ] = None,
    at_most: Annotated[int, typer.Option(metavar="N", help="With --diverse-by: how many products may share one.")] = 1,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="PAGE.html", help="Page to write: the best drawn, the synthons they are made of, a heat map."
        ),
    ] = None,
    sample_check: Annotated[
        int, typer.Option(metavar="N", help="Random products that are scored both ways, to see how far they differ.")
    ] = 10_000,
    workers: options.Workers = None,
    seed: options.Seed = 0,
    resume: options.Resume = False,
    force: options.Force = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the best products of a whole space: every one is scored by the model itself, and none is written down."""
    import molq
    from molq.face.inputs import input_files
    from molq.outputs import refuse_outputs
    from molq.report.text.space import screen_text

    refuse_outputs([output, *([] if report is None else [report])], input_files(path, model), force=force)
    with shown("read", "product") as progress:
        space = molq.space(path, progress=progress)
        found = space.screen(
            model,
            output,
            top=top,
            task=task,
            score=score,
            lowest=lowest,
            threshold=threshold,
            reactions=reactions or None,
            sample_check=sample_check,
            where=where,
            diverse_by=diverse_by,  # type: ignore[arg-type]  # face holds it to what there is
            at_most=at_most,
            workers=workers,
            seed=seed,
            resume=resume,
            force=force,
            progress=progress,
        )
        made_of = None if report is None else space.landscape(found, model, seed=seed, progress=progress)
    show(found, lambda result: in_flags(screen_text(result), context.command), as_json)
    aside(f"wrote {output}")
    if report is not None and made_of is not None:
        saved(lambda path, force: molq.write_report(made_of, path, force=force), report, force=force)
        aside(f"report: {report}")
