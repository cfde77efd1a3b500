"""A diagnosis as text: what was found at each step, the cause, and the remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from molq.report.fidelity_cells import fidelity_cells, fidelity_header
from molq.report.numbers import kilobytes, percent
from molq.report.sensitivity_table import metric_of
from molq.report.table import Table

N_SHOWN = 12


def diagnosis_text(results: Mapping[str, Any]) -> str:
    """The whole diagnosis, as ``Diagnosis.to_dict`` gives it."""
    return "\n".join(_lines(results))


def verdict(results: Mapping[str, Any]) -> str:
    """Whether something is wrong, and what first of all."""
    if results["is_healthy"]:
        return "As good as float on these molecules: nothing to mend."
    if not results["causes"]:
        return "No single cause was found; the remedies that help most come first."
    return f"Cause: {results['causes'][0]['name']}."


def remedies_table(results: Mapping[str, Any], n_shown: int | None = N_SHOWN) -> Table:
    """Remedies, the best first, each as executed; all of them when ``n_shown`` is None."""
    metric = metric_of(results)
    rows = [
        (r["name"], share(r["recovered"]), kilobytes(r["layer_bytes"]), *fidelity_cells(r, metric))
        for r in results["remedies"][:n_shown]
    ]
    return Table(("remedy", "recovered", "layers", *fidelity_header(metric)), tuple(rows))


def share(recovered: float) -> str:
    """``99.9%``; by how much the error grew, where it grew noticeably."""
    if recovered < -0.05:
        return f"error × {1 - recovered:.2f}"
    return percent(0.0 if abs(recovered) < 0.0005 else recovered).replace("-", "−")


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    for i, step in enumerate(results["steps"], 1):
        yield f"{'!' if step['is_suspect'] else ' '} {i:2}. {step['name']}: {step['finding']}"
    yield ""
    yield verdict(results)
    for i, cause in enumerate(results["causes"]):
        if i:
            yield f"Also: {cause['name']}."
        yield from (f"  - {reason}" for reason in cause["because"])
    if results["remedies"]:
        yield f"\n{remedies_table(results).to_text()}"
        left_out = len(results["remedies"]) - N_SHOWN
        if left_out > 0:
            yield f"and {left_out} more that recover less; --report has them all"
    if "commands" in results:
        yield "\nThe best one is applied by"
        yield from (f"  {line}" for line in results["commands"])
    if "command" in results.get("fixed", {}):
        yield f"\nWith its new calibration set, the mended model is made again by\n  {results['fixed']['command']}"
