"""Calibration sets: choosing them and judging whether they represent a library. Never imports torch or RDKit."""
