"""molq library: prepared libraries, parsed once and screened often."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from molq.cli.molecule_bar import MoleculeBar
from molq.cli.screen import report

app = typer.Typer(help="Prepared libraries: parsed once, screened often.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
def build(
    library: Annotated[
        list[str], typer.Argument(metavar="LIBRARY...", help="What molq screen takes: files, directories, a dataset.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="LIB.molqlib", help="The prepared library.")],
    smiles_column: Annotated[str | None, typer.Option(help="Column that holds the SMILES.")] = None,
    id_column: Annotated[str | None, typer.Option(help="Column that holds the id.")] = None,
    columns: Annotated[str | None, typer.Option(help="Input columns to keep, separated by commas.")] = None,
    smiles: Annotated[bool, typer.Option(help="Keep the SMILES.")] = True,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; by default one per core.")] = None,
    max_atoms: Annotated[int, typer.Option(min=1, help="Reject molecules with more heavy atoms.")] = 1000,
    timeout_per_molecule: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="Reject a molecule that takes longer.")
    ] = 10.0,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted build.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Show where the time went.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Parse a library once into packed graphs; screening it then gives the same scores without parsing."""
    from molq.cli.library_argument import resolve
    from molq.screening.library.build import build_library

    with MoleculeBar("building") as bar:
        summary = build_library(
            resolve(library),
            output,
            smiles_column=smiles_column,
            id_column=id_column,
            columns=[name.strip() for name in columns.split(",")] if columns else (),
            keep_smiles=smiles,
            workers=workers,
            max_atoms=max_atoms,
            timeout_per_molecule=timeout_per_molecule,
            resume=resume,
            force=force,
            progress=bar.update,
        )
    report(summary, profile, as_json, "packed")


@app.command()
def info(
    path: Annotated[Path, typer.Argument(metavar="LIB.molqlib", help="A prepared library.")],
    as_json: JsonOption = False,
) -> None:
    """Show what a prepared library holds."""
    from molq.screening.library.file import open_library

    library = open_library(str(path))
    size_bytes = os.path.getsize(path)
    header = {key: value for key, value in asdict(library.header).items() if key != "descriptors"}
    facts = {
        "rows": library.rows,
        "molecules": library.rows - library.rejected,
        "rejected": library.rejected,
        "size_bytes": size_bytes,
        "bytes_per_row": round(size_bytes / max(library.rows, 1), 1),
        "row_groups": len(library.group_rows),
        **header,
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    width = max(map(len, facts))
    for key, value in facts.items():
        text = ", ".join(value) if isinstance(value, tuple) else f"{value:,}" if type(value) is int else str(value)
        typer.echo(f"{key:{width}}  {text}")


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="LIB.molqlib", help="A prepared library.")],
    parse: Annotated[bool, typer.Option("--parse", help="Parse every SMILES again and compare the graphs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read a prepared library from end to end: checksums, counts, graphs."""
    from molq.screening.library.check import verify_library

    with MoleculeBar("verifying") as bar:
        found = verify_library(str(path), parse_again=parse, progress=bar.update)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
        return
    parsed = f"; {found.parsed_again:,} SMILES parsed again to the same graphs" if parse else ""
    typer.echo(f"{path}: sound, {found.rows:,} rows, {found.rejected:,} of them rejected{parsed}")
