"""Counts and times of a server, as Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_BOUNDS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counted(NamedTuple):
    """A number, and what it is of."""

    value: float
    labels: Mapping[str, str] = {}


class Metrics:
    """Requests by route, method and status, and how long they took. One event loop writes it."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[str, list[int]] = {}
        """route → answers within each bound, and all"""
        self._sums: Counter[str] = Counter()
        self._molecules: Counter[tuple[str, str]] = Counter()
        """(model, scored or rejected)"""

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        method = method if method in ("GET", "POST", "DELETE", "HEAD", "PUT", "OPTIONS") else "other"
        self._requests[route, method, status] += 1
        counts = self._seconds.setdefault(route, [0] * (len(_BOUNDS_S) + 1))
        for i, bound in enumerate(_BOUNDS_S):
            counts[i] += seconds <= bound
        counts[-1] += 1
        self._sums[route] += seconds  # type: ignore[assignment]

    def scored(self, model: str, scored: int, rejected: int) -> None:
        """Molecules have been asked of a model."""
        self._molecules[model, "scored"] += scored
        self._molecules[model, "rejected"] += rejected

    def text(self, more: Iterable[tuple[str, str, str, Iterable[Counted]]] = ()) -> str:
        """All in the text format of Prometheus; ``more`` as (name, help, type, samples)."""
        lines: list[str] = []
        requests = [
            Counted(n, {"route": route, "method": method, "status": str(status)})
            for (route, method, status), n in sorted(self._requests.items())
        ]
        lines += _family("molq_requests_total", "Requests answered.", "counter", requests)
        molecules = [
            Counted(n, {"model": model, "outcome": outcome}) for (model, outcome), n in sorted(self._molecules.items())
        ]
        lines += _family("molq_molecules_total", "Molecules asked of a model.", "counter", molecules)
        lines += self._histogram()
        for name, help, kind, samples in more:
            lines += _family(name, help, kind, samples)
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        name = "molq_request_seconds"
        lines = [
            f"# HELP {name} Time from the headers of a request to the end of its answer.",
            f"# TYPE {name} histogram",
        ]
        for route, counts in sorted(self._seconds.items()):
            for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), counts, strict=True):
                lines.append(f"{name}_bucket{_labels({'route': route, 'le': bound})} {count}")
            lines.append(f"{name}_sum{_labels({'route': route})} {self._sums[route]:.6f}")
            lines.append(f"{name}_count{_labels({'route': route})} {counts[-1]}")
        return lines


def _family(name: str, help: str, kind: str, samples: Iterable[Counted]) -> list[str]:
    head = [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
    return [*head, *(f"{name}{_labels(sample.labels)} {sample.value:.15g}" for sample in samples)]


def _labels(labels: Mapping[str, str]) -> str:
    cells = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    return "{" + ",".join(cells) + "}" if cells else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
