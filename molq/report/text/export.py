"""What an export came to, for a terminal."""

from __future__ import annotations

from molq.results.export import Exported


def export_text(exported: Exported) -> str:
    """Path, size and opset, and how near its scores are."""
    return (
        f"{exported.path}: ONNX, opset {exported.opset}, {exported.size_bytes:,} bytes\n"
        f"scores of onnxruntime and of molq differ by at most {exported.largest_difference:.1e} on"
        f" {exported.molecules} molecules, whose scores spread by {exported.spread:.2g}"
    )
