"""Schemes, observers, quantized layers and conversion. Knows tensors and never chemistry."""
