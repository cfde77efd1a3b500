"""molq export: a model as an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molq.cli import completion, options
from molq.cli.show import show, show_json


def export(
    model: Annotated[
        str,
        typer.Argument(metavar="M.molq", help="A .molq file or a bundled model.", autocompletion=completion.models),
    ],
    output: Annotated[Path, options.output("m.onnx")],
    as_json: options.AsJson = False,
    force: options.Force = False,
) -> None:
    """Write a model as an ONNX file, after onnxruntime gave its scores.

    Graphs in, scores out; molq.onnx_inputs makes the inputs of SMILES. Needs `pip install molq[onnx]`.
    """
    import molq
    from molq.report.text.export import export_text

    exported = molq.load(model).export(output, force=force)
    if as_json:
        show_json(exported)
    else:
        show(exported, export_text)
