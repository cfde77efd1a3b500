"""molq data: datasets by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molq.cli import completion, options
from molq.cli.command import Command
from molq.cli.progress import shown
from molq.cli.show import say, show, show_json

if TYPE_CHECKING:
    from molq.data.registry import DatasetInfo

app = typer.Typer(help="Datasets by name: what there is, what is known of each, and where its file lies.")


@app.command("list", cls=Command)
def list_datasets(as_json: options.AsJson = False) -> None:
    """List the registered datasets and whether this machine holds them."""
    from molq.data.registry import dataset_info, dataset_names

    show([_entry(dataset_info(name)) for name in dataset_names()], _list_text, as_json)


@app.command(cls=Command)
def info(
    name: Annotated[str, typer.Argument(help="Dataset name, see molq data list.", autocompletion=completion.datasets)],
    as_json: options.AsJson = False,
) -> None:
    """Show what is known of a dataset: tasks, size, source, licence, citation, checksum."""
    from molq.data.registry import dataset_info

    show(_entry(dataset_info(name)), _info_text, as_json)


@app.command(cls=Command)
def get(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Dataset names, see molq data list.", metavar="NAME...", autocompletion=completion.datasets
        ),
    ],
    as_json: options.AsJson = False,
) -> None:
    """Print the path of each dataset's file, downloading it first when this machine has none."""
    from molq.data.locate import locate
    from molq.data.registry import dataset_info

    for name in names:
        dataset_info(name)
    paths = {}
    for name in names:
        with shown(f"download {name}") as progress:
            paths[name] = str(locate(name, progress=progress))
        if not as_json:
            say(paths[name])
    if as_json:
        show_json(paths)


def _list_text(entries: list[dict[str, Any]]) -> str:
    from molq.report.table import Table

    rows = ((e["name"], f"{e['rows']:,}", e["place"], f"{_what(e)}: {e['description']}") for e in entries)
    return Table(("name", "rows", "place", "what"), tuple(rows), left=(2, 3)).to_text()


def _info_text(entry: dict[str, Any]) -> str:
    from molq.report.text.facts import facts_text

    facts = [(key, item) for key, value in entry.items() for item in (value if isinstance(value, list) else [value])]
    return facts_text([(key, _said(value)) for key, value in facts if value is not None])


def _said(value: bool | int | str) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:,}" if isinstance(value, int) else value


def _what(entry: Mapping[str, Any]) -> str:
    n_tasks, kind = len(entry["tasks"]), entry["kind"]
    return f"{n_tasks} {kind} task{'s' * (n_tasks > 1)}" if n_tasks else str(kind)


def _entry(info: DatasetInfo) -> dict[str, Any]:
    from molq.data.locate import find_copy
    from molq.results.plain import plain

    path = find_copy(info)
    place = "embedded" if info.embedded else "download" if path is None else "local"
    entry: dict[str, Any] = plain(info)
    return entry | {"place": place, "path": plain(path)}
