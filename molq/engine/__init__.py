"""Runs a Predictor on packed graphs. Never imports store or RDKit."""
