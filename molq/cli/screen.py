"""molq screen: score a compound library."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molq.cli.molecule_bar import MoleculeBar

if TYPE_CHECKING:
    from molq.screening.summary import Summary


def screen(
    model: Annotated[Path, typer.Argument(metavar="M.molq", help="The .molq file to score with.")],
    library: Annotated[
        list[str],
        typer.Argument(
            metavar="LIBRARY...",
            help="More .molq files, if any, scored in the same pass; then the library: files (.csv .tsv .smi .sdf, "
            "also .gz; .parquet .molqlib), directories, patterns, - for standard input, or a dataset by name.",
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="OUT", help=".csv, .csv.gz or .parquet; - for standard output.")
    ],
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated.")] = None,
    top: Annotated[int | None, typer.Option(metavar="K", help="Keep the K best rows of each task.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Keep the rows in which a task scores at least this (with --lowest: at most).")
    ] = None,
    lowest: Annotated[bool, typer.Option("--lowest", help="Low scores are the good ones.")] = False,
    columns: Annotated[str | None, typer.Option(help="Input columns to keep, separated by commas.")] = None,
    smiles_column: Annotated[str | None, typer.Option(help="Column that holds the SMILES.")] = None,
    id_column: Annotated[str | None, typer.Option(help="Column that holds the id.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; by default one per core.")] = None,
    max_atoms: Annotated[int, typer.Option(min=1, help="Reject molecules with more heavy atoms.")] = 1000,
    timeout_per_molecule: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="Reject a molecule that takes longer.")
    ] = 10.0,
    shard_rows: Annotated[
        int, typer.Option(min=1, help="Rows between two points from which an interrupted run can be resumed.")
    ] = 65536,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Show where the time went.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")] = False,
) -> None:
    """Score every molecule of a compound library; each input row comes out once, with scores or with a reason."""
    from molq.cli.library_argument import resolve
    from molq.screening.screen import screen as run

    if as_json and output == "-":
        raise typer.BadParameter("the summary and the scores cannot both go to standard output", param_hint="--json")
    models = [str(model), *(path for path in library if path.endswith(".molq"))]
    with MoleculeBar("screening") as bar:
        summary = run(
            models,
            resolve([path for path in library if not path.endswith(".molq")]),
            output,
            tasks=task,
            top=top,
            threshold=threshold,
            lowest=lowest,
            smiles_column=smiles_column,
            id_column=id_column,
            columns=[name.strip() for name in columns.split(",")] if columns else (),
            workers=workers,
            max_atoms=max_atoms,
            timeout_per_molecule=timeout_per_molecule,
            shard_rows=shard_rows,
            resume=resume,
            force=force,
            progress=bar.update,
        )
    report(summary, profile, as_json)


def report(summary: Summary, profile: bool, as_json: bool, verb: str = "scored") -> None:
    """The summary on stderr, or as JSON on stdout."""
    if as_json:
        typer.echo(json.dumps(asdict(summary), indent=2))
        return
    from molq.screening.stage_table import stage_table

    lines = [f"{summary.rows:,} rows = {summary.scored:,} {verb} + {summary.rejected:,} rejected"]
    lines += [f"  {count:,} rejected: {reason}" for reason, count in list(summary.reasons.items())[:5]]
    if len(summary.reasons) > 5:
        lines.append(f"  and {len(summary.reasons) - 5:,} more reasons")
    if summary.resumed_rows:
        lines.append(f"{summary.resumed_rows:,} rows were done before")
    if summary.replaced_workers:
        lines.append(f"{summary.replaced_workers} workers were lost and replaced")
    lines.append(
        f"{summary.mols_per_s:,.0f} mol/s with {summary.workers} workers; "
        f"{summary.seconds:.1f} s, of which {summary.startup_seconds:.1f} s start-up"
    )
    lines += [f"wrote {path}" for path in summary.outputs]
    if profile:
        lines += ["", *stage_table(summary)]
    typer.echo("\n".join(lines), err=True)
