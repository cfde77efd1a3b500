"""Numbers of a molecule that a model takes beside its graph, as chemprop computes them. Never imports torch."""
