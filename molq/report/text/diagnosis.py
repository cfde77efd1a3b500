"""A diagnosis as text: what was found at each step, the cause, and the remedies."""

from __future__ import annotations

from collections.abc import Iterator

from molq.report.numbers import kilobytes, percent, times
from molq.report.table import Table
from molq.report.text.fidelity import fidelity_cells, fidelity_header
from molq.report.text.prose import explained, wrapped
from molq.results.diagnosis import Diagnosis

N_SHOWN = 12


def diagnosis_text(found: Diagnosis) -> str:
    """The whole diagnosis, tables within 80 columns."""
    return "\n".join(_lines(found))


def verdict(found: Diagnosis) -> str:
    """Whether something is wrong, and what first of all."""
    if found.is_healthy:
        harmless = "; what is marked suspect did no harm here" if any(s.is_suspect for s in found.steps) else ""
        said = "No loss is seen" if is_open(found) else "As good as float on these molecules"
        return f"{said}: nothing to mend{harmless}."
    if not found.causes:
        return "No single cause was found; the remedies that help most come first."
    return f"Cause: {found.causes[0].name}."


def headline(found: Diagnosis, name: str) -> str:
    """What became of a model, by its name."""
    if found.is_healthy:
        return f"{name} shows no loss that chance does not explain" if is_open(found) else f"{name} is as good as float"
    return f"{name} lost accuracy" if found.before.is_material else f"{name} scores otherwise than its float model"


def is_open(found: Diagnosis) -> bool:
    """Whether there are too few molecules to tell a loss beyond the margin from none."""
    return found.before.verdict == "inconclusive"


def remedies_table(found: Diagnosis, n_shown: int | None = None) -> Table:
    """Remedies in their order, each as executed; all of them when ``n_shown`` is None."""
    metric = found.statistics.metric if found.probe.labelled else None
    rows = [
        (remedy.name, share(remedy.recovered), kilobytes(remedy.layer_bytes), *fidelity_cells(remedy.fidelity, metric))
        for remedy in found.remedies[:n_shown]
    ]
    return Table(("remedy", "recovered", "layers", *fidelity_header(metric)), tuple(rows))


def order_of_remedies(found: Diagnosis) -> str:
    """How the remedies are ordered, and what a larger file would bring."""
    said = "Cures come first, the smallest file on top; then what recovers most."
    if found.larger is None:
        return said
    more = f"{found.larger.name} recovers {share(found.larger.recovered)}, in {kilobytes(found.larger.layer_bytes)}"
    return f"{said} Of all remedies, {more}."


def share(recovered: float) -> str:
    """``99.9%``; by how much the error grew, where it grew noticeably."""
    if recovered < -0.05:
        return f"error {times(1 - recovered)}"
    return percent(0.0 if abs(recovered) < 0.0005 else recovered)


def _lines(found: Diagnosis) -> Iterator[str]:
    for i, step in enumerate(found.steps, 1):
        yield wrapped(f"{step.name}: {step.finding}", f"{'!' if step.is_suspect else ' '} {i:2}. ")
    yield ""
    yield wrapped(verdict(found))
    for i, cause in enumerate(found.causes):
        if i:
            yield f"Also: {cause.name}."
        yield from (wrapped(reason, "  - ") for reason in cause.because)
    if found.remedies:
        yield from _remedies(found)
    if found.commands:
        yield "\nThe best one is applied by"
        yield from (f"  {line}" for line in found.commands)
    if found.fixed is not None and found.fixed.command is not None:
        yield f"\nWith its new calibration set, the mended model is made again by\n  {found.fixed.command}"


def _remedies(found: Diagnosis) -> Iterator[str]:
    table = remedies_table(found, N_SHOWN).only("remedy", "recovered", "layers", "SQNR", "hits 5%")
    yield f"\n{table.to_text()}"
    left_out = len(found.remedies) - N_SHOWN
    if left_out > 0:
        yield f"and {left_out} more that recover less; the page and the JSON have all, with every number"
    yield wrapped(order_of_remedies(found))
    yield from explained(("recovered", "SQNR", "hits"))
