from __future__ import annotations

import pytest

METRICS = {"classification": ("roc_auc", "pr_auc", "ef_1pct"), "regression": ("rmse", "mae", "r2")}


def make_results(kind: str = "classification", sizes: dict[str, int] | None = None) -> dict:
    """The content of a results.json with made-up numbers."""
    sizes = sizes or {"fp32": 1_280_000, "fp16": 650_000, "bf16": 650_100, "int8-dynamic": 337_000, "int8": 338_000}
    metric = METRICS[kind][0]
    return {
        "dataset": {
            "name": "toy<set>",
            "kind": kind,
            "tasks": ["a"],
            "molecules": 1500,
            "rejected": 2,
            "sha256": "ab" * 32,
        },
        "model": {
            "architecture": "dmpnn",
            "members": 1,
            "config": {"feature_set": "V2", "d_h": 300, "depth": 3, "readout": "norm"},
            "trained_here": False,
            "file": "toy.molq",
            "content_hash": "sha256:cd",
        },
        "split": {
            "method": "scaffold-balanced",
            "seed": 0,
            "held_out": True,
            "n_train": 1200,
            "n_valid": 150,
            "n_test": 150,
            "n_labelled": 150,
            "actives": [80] if kind == "classification" else None,
        },
        "calibration": {
            "strategy": "scaffold",
            "size": 200,
            "molecules_used": 200,
            "seed": 0,
            "sha256": "ef" * 32,
            "observer": "minmax",
            "pool": "training molecules of toy",
            "pool_molecules": 1200,
            "library": "toy",
            "coverage": {"scaffold": 0.484, "generic_scaffold": 0.715, "element": 1.0, "library_molecules": 1500.0},
        },
        "library": {"name": "zinc-sample", "rows": 5000, "molecules_used": 5000, "rejected": 0},
        "statistics": {
            "metric": metric,
            "margin": 0.005,
            "level": 0.95,
            "n_resamples": 2000,
            "method": "paired bootstrap",
        },
        "speed": {"molecules": 5000, "rounds": 9, "threads": 1},
        "environment": {
            "versions": {"molq": "0"},
            "processor": "CPU",
            "cores": 2,
            "platform": "Linux",
            "instructions": "AVX512",
            "int8_products": "int8 instructions",
            "bf16_products": "bf16 instructions",
        },
        "variants": [_variant(i, scheme, size, kind, sizes["fp32"]) for i, (scheme, size) in enumerate(sizes.items())],
        "command": "molq study --dataset toy",
    }


def _variant(i: int, scheme: str, size: int, kind: str, largest: int) -> dict:
    values: dict = {"scheme": scheme, "path": f"models/{scheme}.molq", "size_bytes": size, "size_ratio": size / largest}
    for name in METRICS[kind]:
        values |= {name: 0.8 - i / 1000, f"{name}_low": 0.72, f"{name}_high": 0.87}
        delta = "delta_auc" if name == "roc_auc" else f"delta_{name}"
        values |= {delta: -i / 1000, f"{delta}_low": -i / 500, f"{delta}_high": i / 900}
    values["verdict"] = None if i == 0 else "inconclusive" if i == 3 else "non-inferior"
    for prefix in ("", "library_"):
        values |= {f"{prefix}hit_overlap_1pct": 0.98, f"{prefix}hit_overlap_5pct": 0.991, f"{prefix}spearman": 0.9999}
        values[f"{prefix}max_score_change"] = 0.004
    values |= {"mols_per_s": 9000.0, "speedup": 1.5, "speedup_low": 1.4, "speedup_high": 1.7}
    ranges = [[0.0, 0.689], [-0.5, 1.47]] if scheme == "int8" else []
    values["layers"] = [
        {
            "name": "encoder.W_h",
            "role": "message",
            "shape": [300, 300],
            "weights": "int8",
            "activations": "static" if ranges else None,
            "n_bytes": 91216,
            "ranges": ranges,
        }
    ]
    return values


@pytest.fixture
def results() -> dict:
    return make_results()


@pytest.fixture
def regression_results() -> dict:
    return make_results("regression")
