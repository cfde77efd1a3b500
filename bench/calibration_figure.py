"""The figure of docs/calibration.md, from the cells that calibration_study.py measured."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from calibration_tables import PLAIN, Row, names, select, values

FIGURE = Path(__file__).resolve().parent / "out" / "calibration.svg"
_COLOURS = {"random": "#d95f02", "scaffold": "#1b6ca8", "generic": "#888888"}
_N_COLUMNS = 4


def draw(rows: list[Row], path: Path) -> None:
    """Score error of int8 against the size of the set, a panel a model: mean and worst draw of random and scaffold."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    chosen = select(rows, **PLAIN, scheme="int8")
    models = names(chosen)
    if not models:
        return
    n_rows = math.ceil(len(models) / _N_COLUMNS)
    figure, axes = plt.subplots(n_rows, _N_COLUMNS, figsize=(12, 2.6 * n_rows), sharex=True, squeeze=False)
    for axis, name in zip(axes.flat, models, strict=False):
        for strategy, colour in _COLOURS.items():
            cells = select(chosen, name=name, strategy=strategy)
            xs = values(cells, "size")
            for aggregate, style, suffix in ((np.mean, "-", ""), (np.max, ":", ", worst draw")):
                if cells:
                    error = [aggregate([c["test_score_rmse"] for c in select(cells, size=x)]) for x in xs]
                    axis.plot(xs, error, style, color=colour, marker="o", markersize=3, label=strategy + suffix)
        axis.set(title=name, xscale="log")
        axis.set_ylim(bottom=0)
        axis.ticklabel_format(axis="y", style="plain")
        axis.yaxis.set_major_locator(plt.MaxNLocator(4))
        axis.set_xticks([25, 100, 1000], ["25", "100", "1000"])
        axis.minorticks_off()
        axis.tick_params(labelbottom=True)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in list(axes.flat)[len(models) :]:
        axis.set_visible(False)
    figure.supxlabel("molecules in the calibration set")
    figure.supylabel("RMS change of test scores, int8 against fp32")
    found = {
        label: handle for axis in axes.flat for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(found.values(), found.keys(), loc="upper center", ncols=len(found), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
