"""molq info: what is inside a .molq file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import options

if TYPE_CHECKING:
    from rich.table import Table

    from molq.store.molqfile import ModelHeader


def info(
    model: Annotated[Path, typer.Argument(metavar="M.molq", help="File to describe.")],
    as_json: options.AsJson = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read the tensors too, and check the content hash.")] = False,
) -> None:
    """Show what a model is, how it was made, and what was measured of it."""
    import json

    from rich.console import Console

    from molq.store.molqfile import load, read_header

    if verify:
        load(model)
    header = read_header(model)
    if as_json:
        typer.echo(json.dumps(_as_dict(header), indent=2))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(_model(header, verify))
    console.print()
    console.print(_layers(header))
    for title, section in _sections(header):
        console.print(f"\n{title}", style="bold")
        console.print(section)


def _as_dict(header: ModelHeader) -> dict[str, Any]:
    described = header.description
    return {
        "path": str(header.path),
        "size_bytes": header.size_bytes,
        "content_hash": header.content_hash,
        "scheme": described.scheme,
        "members": [config.to_dict() for config in described.configs],
        "layers": list(described.layers),
        "card": described.card.to_dict(),
    }


def _model(header: ModelHeader, verified: bool) -> Table:
    described = header.description
    config, n_members = described.configs[0], len(described.configs)
    network = f"{config.architecture}, {config.feature_set} features, d_h {config.d_h}, depth {config.depth}, "
    network += f"{config.readout} readout, head {'-'.join(map(str, (*config.head_hidden, len(config.tasks))))}"
    rows = {
        "name": described.card.name,
        "description": described.card.description,
        "network": network,
        "ensemble": f"{n_members} members" if n_members > 1 else "",
        "tasks": f"{len(config.tasks)} ({config.kind}): {', '.join(config.tasks)}",
        "scheme": described.scheme,
        "size": f"{header.size_bytes:,} bytes",
        "hash": header.content_hash + (" (verified)" if verified else ""),
    }
    return _grid({label: value for label, value in rows.items() if value})


def _grid(rows: Mapping[str, str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    for label, value in rows.items():
        grid.add_row(Text(label), Text(value, overflow="fold"))
    return grid


def _layers(header: ModelHeader) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("layer", "role", "shape", "weights", "inputs", "bytes"):
        table.add_column(column, no_wrap=True, justify="right" if column == "bytes" else "left")
    table.add_column("input ranges", overflow="fold")
    for row in header.description.layers:
        table.add_row(
            Text(row["name"]),
            Text(row["role"]),
            "×".join(map(str, row["shape"])),
            Text(row["weights"]),
            {"static": "uint8, static", "dynamic": "uint8, dynamic"}.get(row["activations"], "float"),
            f"{row['n_bytes']:,}",
            ", ".join(f"{low:.3g}..{high:.3g}" for low, high in row["ranges"]),
        )
    return table


def _sections(header: ModelHeader) -> Iterator[tuple[str, Table]]:
    card = header.description.card
    for title in ("training", "calibration", "metrics", "provenance", "created_with"):
        if section := getattr(card, title):
            rows = {f"  {key.replace('_', ' ')}": _words(value) for key, value in section.items()}
            yield title.replace("_", " "), _grid(rows)


def _words(value: Any) -> str:
    """A value of a card as text; a measurement with its interval as ``0.912 [0.884, 0.938]``."""
    match value:
        case {"value": int() | float() as middle, "low": int() | float() as low, "high": int() | float() as high}:
            size = f", n = {value['n']:,}" if isinstance(value.get("n"), int) else ""
            return f"{middle:.4g} [{low:.4g}, {high:.4g}]{size}"
        case None:
            return "not known"
        case bool() | int() | str():
            return str(value)
        case float():
            return f"{value:.6g}"
        case list() if len(value) > 8:
            return f"{len(value)} entries, the last: {_words(value[-1])}"
        case list():
            return ("\n" if any(isinstance(item, dict) for item in value) else ", ").join(
                _words(item) for item in value
            )
        case dict():
            return "; ".join(f"{key.replace('_', ' ')} {_words(item)}" for key, item in value.items())
    raise AssertionError(f"a card holds a {type(value).__name__}")
