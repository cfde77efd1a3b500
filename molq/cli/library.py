"""molq library: prepared libraries, parsed once and screened often."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.command import Command
from molq.cli.parsed import names
from molq.cli.progress import shown
from molq.cli.screen import show_summary
from molq.cli.show import show

app = typer.Typer(help="Prepared libraries: parsed once, screened often.", no_args_is_help=True)


@app.command(cls=Command)
def build(
    context: typer.Context,
    library: Annotated[
        list[str],
        typer.Argument(
            metavar="LIBRARY...",
            help="What molq screen takes: files, directories, a dataset.",
            autocompletion=completion.molecules,
        ),
    ],
    output: Annotated[Path, options.output("LIB.molqlib", "The prepared library.")],
    smiles_column: options.SmilesColumn = None,
    format: options.Format = None,
    id_column: options.IdColumn = None,
    columns: options.Columns = None,
    keep_smiles: Annotated[
        bool, typer.Option("--keep-smiles/--no-keep-smiles", "--smiles/--no-smiles", help="Keep the SMILES.")
    ] = True,
    workers: options.Workers = None,
    max_atoms: options.MaxAtoms = 1000,
    timeout_per_molecule: options.TimeoutPerMolecule = 10.0,
    audit: options.Audit = 0.001,
    resume: options.Resume = False,
    force: options.Force = False,
    profile: options.Profile = False,
    as_json: options.AsJson = False,
) -> None:
    """Parse a library once into packed graphs; screening it then gives the same scores without parsing."""
    import molq

    with shown("build", "mol") as progress:
        summary = molq.build_library(
            library,
            output,
            smiles_column=smiles_column,
            format=format,
            id_column=id_column,
            columns=names(columns),
            keep_smiles=keep_smiles,
            workers=workers,
            max_atoms=max_atoms,
            timeout_per_molecule=timeout_per_molecule,
            audit=audit,
            resume=resume,
            force=force,
            progress=progress,
        )
    show_summary(context, summary, profile, as_json, "packed")


@app.command(cls=Command)
def info(
    path: Annotated[Path, typer.Argument(metavar="LIB.molqlib", help="A prepared library.")],
    as_json: options.AsJson = False,
) -> None:
    """Show what a prepared library holds."""
    from molq.screening.library.file import open_library
    from molq.serial import to_builtins

    library = open_library(str(path))
    size_bytes = os.path.getsize(path)
    header = {key: value for key, value in to_builtins(library.header).items() if key != "descriptors"}
    facts = {
        "rows": library.rows,
        "molecules": library.rows - library.rejected,
        "rejected": library.rejected,
        "size_bytes": size_bytes,
        "bytes_per_row": round(size_bytes / max(library.rows, 1), 1),
        "row_groups": len(library.group_rows),
        **header,
    }
    show(facts, _info_text, as_json)


def _info_text(facts: dict[str, Any]) -> str:
    from molq.report.text.facts import facts_text

    return facts_text([(key.replace("_", " "), _said(value)) for key, value in facts.items()])


def _said(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(value) or "none"
    return str(value)


@app.command(cls=Command)
def verify(
    path: Annotated[Path, typer.Argument(metavar="LIB.molqlib", help="A prepared library.")],
    parse: Annotated[bool, typer.Option("--parse", help="Parse every SMILES again and compare the graphs.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Read a prepared library from end to end: checksums, counts, graphs."""
    from molq.screening.library.check import verify_library

    with shown("verify", "mol") as progress:
        found = verify_library(str(path), parse_again=parse, progress=progress)
    again = f"; {found.parsed_again:,} SMILES parsed again to the same graphs" if parse else ""
    show(found, lambda f: f"{path}: sound, {f.rows:,} rows, {f.rejected:,} of them rejected{again}", as_json)
