"""Datasets, labels and splits. Never imports torch or RDKit."""
