"""Runs screen() in a process of its own, to be killed: run_screen.py '{"json": "options"}'."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

if __name__ == "__main__":
    from fake_runs import screen

    screen(**json.loads(sys.argv[1]))
    print("finished")
