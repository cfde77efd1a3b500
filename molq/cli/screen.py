"""molq screen: score a compound library."""

from __future__ import annotations

from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.command import in_flags
from molq.cli.parsed import is_model, names
from molq.cli.progress import shown
from molq.cli.show import aside, show, show_json


def screen(
    context: typer.Context,
    models: Annotated[
        str,
        typer.Argument(
            metavar="M.molq",
            help="What to score with: a .molq file or a bundled model.",
            autocompletion=completion.models,
        ),
    ],
    library: Annotated[
        list[str],
        typer.Argument(
            metavar="LIBRARY...",
            help="More models, if any, scored in the same pass; then the library: files (.csv .tsv .smi .sdf, "
            "also .gz; .parquet), directories, patterns, URLs (s3:// gs:// az:// https://), - for standard input, or a "
            "dataset by name.",
            autocompletion=completion.models_and_molecules,
        ),
    ],
    output: Annotated[str, options.output("OUT", ".csv, .csv.gz or .parquet; - for standard output.")],
    tasks: options.Tasks = None,
    spread: Annotated[
        bool,
        typer.Option("--spread", help="Beside every column of an ensemble, the standard deviation between members."),
    ] = False,
    top: options.Top = None,
    threshold: options.Threshold = None,
    lowest: options.Lowest = False,
    columns: options.Columns = None,
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    id_column: options.IdColumn = None,
    workers: options.Workers = None,
    max_atoms: options.MaxAtoms = 1000,
    strict: Annotated[
        bool, typer.Option("--strict", help="Reject rows with text after their SMILES, CXSMILES aside.")
    ] = False,
    timeout_per_molecule: options.TimeoutPerMolecule = 10.0,
    audit: options.Audit = 0.001,
    shard_rows: Annotated[
        int, typer.Option(help="Rows between two points from which an interrupted run can be resumed.")
    ] = 65536,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Score one of N parts into the directory OUT; auto or auto/N: the part of this task of a Slurm, PBS, "
            "SGE or LSF array. See molq merge.",
        ),
    ] = None,
    resume: options.Resume = False,
    force: options.Force = False,
    engine: Annotated[
        str,
        typer.Option(metavar="KIND", help="Who scores: workers (processes of this machine), or ray (needs molq[ray])."),
    ] = "workers",
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="With --engine ray: the cluster, auto for the one this machine is in. Default: this machine alone.",
        ),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(metavar="N", help="With --engine ray: actors. Default: one per CPU of the cluster.")
    ] = None,
    profile: options.Profile = False,
    as_json: options.AsJson = False,
) -> None:
    """Score every molecule of a compound library; each input row comes out once, with scores or with a reason."""
    import molq
    from molq.report.text.screen import screen_text, stages_text

    if as_json and output == "-":
        raise typer.BadParameter("the summary and the scores cannot both go to standard output", param_hint="--json")
    more = [entry for entry in library if is_model(entry)]
    with shown("screen", "mol") as progress:
        summary = molq.screen(
            [models, *more],
            [entry for entry in library if entry not in more],
            output,
            tasks=tasks,
            spread=spread,
            top=top,
            threshold=threshold,
            lowest=lowest,
            columns=names(columns),
            smiles_column=smiles_column,
            format=format,
            id_column=id_column,
            workers=workers,
            max_atoms=max_atoms,
            strict=strict,
            timeout_per_molecule=timeout_per_molecule,
            audit=audit,
            shard_rows=shard_rows,
            shard=shard,
            resume=resume,
            force=force,
            engine=engine,
            address=address,
            concurrency=concurrency,
            progress=progress,
        )
    if as_json:
        show_json(summary)
        return
    show(summary, lambda found: in_flags(screen_text(found), context.command), beside=True)
    if profile:
        aside("")
        show(summary, stages_text, beside=True)
