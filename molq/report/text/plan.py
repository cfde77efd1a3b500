"""What a screen would take, for a terminal."""

from __future__ import annotations

from molq.report.table import Table
from molq.report.text.prose import wrapped
from molq.results.screening import ScreenPlan

_MANY_HOURS = 48
_KB = 1000


def plan_text(plan: ScreenPlan) -> str:
    """The answer for the first model, a line for each, and the command's settings."""
    first = plan.models[0]
    rows = f"{plan.rows:,} rows" if plan.rows_are_counted else f"about {_rounded(plan.rows):,} rows"
    written = "" if plan.output_bytes is None else f" {_bytes(plan.output_bytes)} are written."
    answer = (
        f"{rows} take {_time(first.hours)} on {_cores(plan.cores)} with {first.model}: {first.core_hours:,.1f} core"
        f" hours, in {_shards(plan.shards)} of one core each.{written}"
    )
    lines = tuple(
        (one.model, _bytes(one.size_bytes), f"{one.mols_per_s:,.0f}", f"{one.core_hours:,.1f}", _time(one.hours))
        for one in plan.models
    )
    table = Table(("model", "file", "mol/s a core", "core hours", "time"), lines).to_text()
    how = (
        f"Measured on {plan.measured_rows:,} rows of the library by the CPU time they take on one core of this machine;"
        " later rows are quicker, as most of their environments are known by then."
        if plan.measured_rows
        else "The rate is the one that was given; nothing was measured."
    )
    notes = [wrapped(f"note: {note}") for note in plan.notes]
    return "\n\n".join([wrapped(answer), table, wrapped(how), *notes])


def _cores(n: int) -> str:
    return "1 core" if n == 1 else f"{n:,} cores"


def _shards(n: int) -> str:
    return "1 shard" if n == 1 else f"{n:,} shards"


def _time(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    if hours < 2:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < _MANY_HOURS else f"{hours / 24:.1f} days"


def _bytes(n: int) -> str:
    value = float(n)
    for unit in ("B", "kB", "MB", "GB"):
        if value < _KB:
            return f"{value:.3g} {unit}"
        value /= _KB
    return f"{value:,.3g} TB"


def _rounded(n: int) -> int:
    """To two digits: it is an estimate."""
    digits = max(len(str(n)) - 2, 0)
    return round(n, -digits)
