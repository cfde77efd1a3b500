"""Molecular property predictors made small and fast without changing what they find."""

__version__ = "0.1.0"
