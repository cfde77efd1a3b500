"""How much of a library a calibration set covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from molq.report.text.prose import wrapped

_SHARES = ("scaffold", "generic_scaffold", "element")


def coverage_text(coverage: Mapping[str, float], size: int) -> str:
    """Shares of the library's other molecules, counts, and what to mind; of a set of ``size`` molecules."""
    return "\n".join([*_numbers(coverage), *_notes(coverage, size)])


def _numbers(coverage: Mapping[str, float]) -> Iterator[str]:
    for name in _SHARES:
        yield f"  {_words(name) + ' coverage':26s}{coverage[name]:7.1%} of the library's other molecules"
    for name, value in coverage.items():
        if name not in _SHARES:
            yield f"  {_words(name):32s} {value:10,.0f}"


def _notes(coverage: Mapping[str, float], size: int) -> Iterator[str]:
    used = coverage["library_used"]
    if used + coverage["library_rejected"] < coverage["library_molecules"]:
        yield f"note: coverage is counted on a seeded draw of {used:,.0f} library molecules"
    if borrowed := coverage.get("molecules_from_nearest_stratum", 0):
        yield wrapped(
            f"note: the pool lacks molecules of some library strata; {borrowed:.0f} of {size} come from the nearest "
            "strata instead. A pool closer to the library would do better."
        )


def _words(name: str) -> str:
    return name.replace("_", " ")
