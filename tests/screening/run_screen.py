"""Runs screen() or build_library() in a process of its own, to be killed: run_screen.py '{"json": "options"}'."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    if options.pop("build", False):
        from molq.screening.library.build import build_library as run
    else:
        from fake_runs import screen as run
    run(**options)
    print("finished")
