"""molq calibset: build a calibration set and judge whether one represents a library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from molq.calibset.population import Progress
    from molq.calibset.spec import CalibrationSet

app = typer.Typer(no_args_is_help=True, help="Build a calibration set, or judge whether one represents a library.")


@app.command()
def build(
    pool: Annotated[Path, typer.Argument(help="Molecules to choose from: .csv .tsv .smi, also .gz; - is stdin.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV file to write.")],
    match: Annotated[
        Path | None, typer.Option(help="Library that the set shall represent. Default: the pool itself.")
    ] = None,
    strategy: Annotated[str, typer.Option(help="How to choose: scaffold, random, cluster, maxmin, property or generic.")] = "scaffold",
    size: Annotated[int, typer.Option(min=1, help="Number of molecules.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same set.")] = 0,
    smiles_column: Annotated[str | None, typer.Option(help="SMILES column, when its name is unusual.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Choose molecules of POOL that represent a library, and say how much of it they cover."""
    from molq.calibset.build import build as build_set
    from molq.calibset.spec import CalibrationSpec, write_calibset

    _refuse_overwrite(output, [pool, match], force)
    spec = CalibrationSpec(strategy, size, seed)
    pool_smiles = _smiles(pool, smiles_column)
    library = None if match is None or match == pool else _smiles(match, smiles_column)
    with _progress() as progress:
        calibset = build_set(pool_smiles, spec, library, progress)
    write_calibset(output, calibset, force=force)
    _print_built(calibset, output, as_json)


def _smiles(path: Path, column: str | None) -> list[str]:
    """One SMILES per data row; a row the reader rejects keeps its place and is rejected again by the chemistry."""
    from molq.chem.records import Rejected, read_records

    return ["" if isinstance(r, Rejected) else r.smiles for r in read_records(str(path), smiles_column=column)]


def _refuse_overwrite(output: Path, inputs: list[Path | None], force: bool) -> None:
    from molq.errors import OutputError

    if any(path is not None and path.exists() and output.exists() and path.samefile(output) for path in inputs):
        raise OutputError(f"{output} is an input of this command; choose another output")
    if output.exists() and not force:
        raise OutputError(f"{output} exists; choose another name or pass --force")


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr that starts again with every pass over the molecules."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("molecules", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_built(calibset: CalibrationSet, output: Path, as_json: bool) -> None:
    import json

    spec, coverage = calibset.spec, calibset.coverage
    if as_json:
        summary = {"output": str(output), "strategy": spec.strategy, "size": spec.size, "seed": spec.seed}
        typer.echo(json.dumps(summary | {"sha256": calibset.sha256, "coverage": coverage}, indent=2))
        return
    typer.echo(f"{output}: {spec.size} molecules, strategy {spec.strategy}, seed {spec.seed}")
    for name in ("scaffold", "generic_scaffold", "element"):
        typer.echo(f"  {name.replace('_', ' ') + ' coverage':26s}{coverage[name]:7.1%} of library molecules")
    for name, value in coverage.items():
        if name not in ("scaffold", "generic_scaffold", "element"):
            typer.echo(f"  {name.replace('_', ' '):26s}{value:10,.0f}")
    if coverage["library_used"] + coverage["library_rejected"] < coverage["library_molecules"]:
        typer.echo(
            f"note: coverage is counted on a seeded draw of {coverage['library_used']:,.0f} library molecules", err=True
        )
    borrowed = coverage.get("molecules_from_nearest_stratum", 0)
    if borrowed:
        typer.echo(
            f"note: the pool lacks molecules of some library strata; {borrowed:.0f} of {spec.size} come from the "
            "nearest strata instead. A pool closer to the library would do better.",
            err=True,
        )
