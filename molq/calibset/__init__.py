"""Samplers of calibration sets. Knows chemistry and never torch."""
