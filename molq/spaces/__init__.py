"""Combinatorial spaces: products of synthons that nobody wrote down. Never imports screening, torch or RDKit."""
