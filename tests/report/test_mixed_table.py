from __future__ import annotations

from molq.report.mixed_table import mixed_table


def plan(size_bytes: int, **layers: str) -> dict[str, object]:
    return {
        "layers": {f"encoder.{name}": scheme for name, scheme in layers.items()},
        "size_bytes": size_bytes,
        "predicted_score_mse": 1e-6,
        "score_mse": 2e-6,
        "sqnr_db": 30.0,
        "hit_overlap_5pct": 1.0,
        "loss": None,
    }


def test_what_a_plan_costs_comes_before_its_layers():
    small, large = plan(1000, W_h="w4a8", W_i="int8"), plan(2000, W_h="int8", W_i="fp16")
    table = mixed_table({"executed": [small, large], "chosen": large})
    assert table.header == ("file", "", "predicted MSE", "score MSE", "SQNR", "hits 5%", "W_h", "W_i")
    assert [(row[0], row[1], *row[-2:]) for row in table.rows] == [
        ("1.0 kB", "", "4", "8"),
        ("2.0 kB", "chosen", "8", "16"),
    ]
    assert mixed_table({"executed": [small]}).header[:2] == ("file", "predicted MSE")
