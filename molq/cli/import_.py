"""molq import: chemprop checkpoints, or ADMET-AI's ensembles, as one .molq file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import options
from molq.cli.parsed import names
from molq.cli.progress import shown
from molq.cli.saving import saved
from molq.cli.show import show


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="CKPT...",
            help="Files of chemprop 2 (.pt, .ckpt) or chemprop 1 (model.pt), several of which make an ensemble; a "
            "directory of them; admet_ai:classification or admet_ai:regression.",
        ),
    ],
    output: Annotated[Path, options.output("M.molq")],
    tasks: Annotated[
        str | None,
        typer.Option(
            help="Task names, separated by commas; one that holds a comma in quotes: '\"IC50, nM\",logP'. "
            "Default: those of the checkpoint."
        ),
    ] = None,
    add_h: Annotated[
        bool | None,
        typer.Option(help="Whether it was trained with every hydrogen an atom. Default: what its config.toml says."),
    ] = None,
    keep_h: Annotated[
        bool | None,
        typer.Option(help="Whether hydrogens that SMILES write as atoms stayed atoms. Default: as above."),
    ] = None,
    ignore_stereo: Annotated[bool | None, typer.Option(help="Whether stereo did not count. Default: as above.")] = None,
    molecule_featurizers: Annotated[
        str | None,
        typer.Option(
            help="What it took beside the graph (rdkit_2d, morgan_count, ...), separated by commas. As above."
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Have chemprop, if it is installed, score 100 molecules too, and compare."),
    ] = False,
    name: options.CardName = None,
    description: options.CardDescription = "",
    force: options.Force = False,
) -> None:
    """Import a model of chemprop 1 or 2, or ADMET-AI, without running any code of its files."""
    import molq
    from molq.interop.sources import checkpoint_paths
    from molq.outputs import refuse_output
    from molq.report.text.card import made_text
    from molq.store.molqfile import read_header

    refuse_output(output, checkpoint_paths(sources), force=force)
    with shown("import") as progress:
        model = molq.import_checkpoint(
            sources,
            names(tasks) or None,
            name=name or output.stem,
            description=description,
            add_h=add_h,
            keep_h=keep_h,
            ignore_stereo=ignore_stereo,
            molecule_featurizers=names(molecule_featurizers) or None,
            verify=verify,
            progress=progress,
        )
    saved(model.save, output, force=force)
    show(read_header(output), made_text)
