"""A Ray of two CPUs for the tests, and a look at its actors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

MISSING = None if find_spec("ray") else "ray is not installed: pip install 'molq[ray]'"
ROOT = Path(__file__).parent.parent
_PATH = (ROOT, ROOT / "tests" / "screening")


@contextmanager
def started() -> Iterator[None]:
    """Its processes find molq and the fake scorers."""
    import ray

    before = dict(os.environ)
    os.environ["PYTHONPATH"] = os.pathsep.join([*map(str, _PATH), *filter(None, [before.get("PYTHONPATH")])])
    os.environ["RAY_USAGE_STATS_ENABLED"] = os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
    try:
        ray.init("local", num_cpus=2, object_store_memory=128 << 20, **options)
        yield
    finally:
        ray.shutdown()
        os.environ.clear()
        os.environ.update(before)


def actors() -> list[int]:
    """Processes of this machine that are actors with a worker of molq."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"ray::ScoringActor" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
