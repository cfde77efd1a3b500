"""Models of other programs as molq predictors: chemprop checkpoints and ADMET-AI. Never imports those programs."""
