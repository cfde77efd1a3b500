"""A diagnosis as text: what was found at each step, the cause, and the remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from molq.report.fidelity_cells import fidelity_cells, fidelity_header
from molq.report.numbers import kilobytes, percent
from molq.report.table import Table

N_SHOWN = 12


def diagnosis_text(results: Mapping[str, Any]) -> str:
    """The whole diagnosis, as ``Diagnosis.to_dict`` gives it."""
    return "\n".join(_lines(results))


def remedies_table(results: Mapping[str, Any]) -> Table:
    """Remedies, the best first, each as executed."""
    metric = results["statistics"]["metric"] if results["target"]["labelled"] else None
    rows = [
        (r["name"], percent(r["recovered"]).replace("-", "−"), kilobytes(r["layer_bytes"]), *fidelity_cells(r, metric))
        for r in results["remedies"][:N_SHOWN]
    ]
    return Table(("remedy", "error recovered", "layers", *fidelity_header(metric)), tuple(rows))


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    for i, step in enumerate(results["steps"], 1):
        yield f"{'!' if step['is_suspect'] else ' '} {i:2}. {step['name']}: {step['finding']}"
    yield ""
    if results["is_healthy"]:
        yield "The model is as good as float on these molecules: nothing to mend."
    elif results["causes"]:
        first, *others = results["causes"]
        yield f"Cause: {first['name']}. {first['explanation']}"
        for cause in others:
            yield f"Also: {cause['name']}. {cause['explanation']}"
    else:
        yield "No single cause was found; the remedies that help most are first below."
    yield f"\n{remedies_table(results).to_text()}"
    if results["remedies"] and "commands" in results:
        yield "\nThe best one is applied by"
        yield from (f"  {line}" for line in results["commands"])
