"""Arguments and options that several commands take, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from molq.cli import completion

AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON on standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what an earlier run wrote.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")]
Profile = Annotated[bool, typer.Option("--profile", help="Show where the time went.")]
Top = Annotated[int | None, typer.Option(metavar="K", help="Keep the K best rows of each task.")]
Threshold = Annotated[
    float | None, typer.Option(help="Keep the rows in which a task scores at least this (with --lowest: at most).")
]
Lowest = Annotated[bool, typer.Option("--lowest", help="Low scores are the good ones.")]
Workers = Annotated[int | None, typer.Option(help="Worker processes. Default: one per core.")]

Labelled = Annotated[
    str,
    typer.Option(
        metavar="LABELLED",
        help="A registered data set (molq data list), or a table with labels.",
        autocompletion=completion.molecules,
    ),
]
Molecules = Annotated[
    str,
    typer.Option(
        metavar="D",
        help="A registered data set or a file, with labels or without: what is scored.",
        autocompletion=completion.molecules,
    ),
]
Tasks = Annotated[
    list[str] | None,
    typer.Option(
        "--task", metavar="T", help="Task and its label column; repeat it for several. Default: all that are known."
    ),
]
SmilesColumn = Annotated[
    str | None, typer.Option(help="SMILES column of the files, by name or number, when its name is unusual.")
]
IdColumn = Annotated[str | None, typer.Option(help="Column that holds the id, by name or number.")]
Format = Annotated[
    str | None,
    typer.Option(help="csv, tsv, smi, sdf, parquet, feather or xlsx. Default: told from the content.", metavar="KIND"),
]
Censored = Annotated[
    str | None,
    typer.Option(help="What becomes of labels such as >10: drop, or bound (the number counts).", metavar="HOW"),
]
Duplicates = Annotated[
    str,
    typer.Option(help="Molecules that stand twice: keep, mean (of the labels) or drop-conflicts.", metavar="HOW"),
]
Columns = Annotated[str | None, typer.Option(help="Input columns to keep, separated by commas.")]
MaxAtoms = Annotated[int, typer.Option(help="Reject molecules with more heavy atoms.")]
TimeoutPerMolecule = Annotated[float, typer.Option(metavar="SECONDS", help="Reject a molecule that takes longer.")]
Audit = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="Share of the molecules read without RDKit that RDKit parses too, as a check.",
    ),
]

AllRows = Annotated[
    bool, typer.Option("--all-rows", help="Score every molecule, whether or not a model was trained on it.")
]
Resamples = Annotated[int, typer.Option(help="Bootstrap resamples.")]
Margin = Annotated[
    float | None,
    typer.Option(help="Loss that still counts as none. Default: 0.005 ROC-AUC, or 1% of the labels' spread in RMSE."),
]
Seed = Annotated[int, typer.Option(help="Of every random choice: same seed, same result.")]

FloatModel = Annotated[
    str,
    typer.Argument(metavar="M.molq", help="The fp32 model: a file or a bundled one.", autocompletion=completion.models),
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option(metavar="C.csv", help="Calibration set, of molq calibset build or any file of molecules."),
]
CardName = Annotated[str | None, typer.Option(help="Name on the model card. Default: the output's.")]
CardDescription = Annotated[str, typer.Option(help="A sentence for the model card.")]


def model(metavar: str, what: str) -> Any:
    """--model, --reference: a model that is an option."""
    return typer.Option(metavar=metavar, help=what, autocompletion=completion.models)


def output(metavar: str, what: str = "File to write.") -> Any:
    """--output, -o."""
    return typer.Option("--output", "-o", metavar=metavar, help=what)


def architecture(panel: str) -> Any:
    """--arch."""
    return typer.Option(help="Architecture to train: dmpnn, ampnn, gine or attentivefp.", rich_help_panel=panel)


def epochs(panel: str) -> Any:
    """--epochs."""
    return typer.Option(help="Passes over the training molecules.", rich_help_panel=panel)
