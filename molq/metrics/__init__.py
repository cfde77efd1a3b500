"""Ranking metrics and their significance, on NumPy arrays. Never imports torch or RDKit."""
