"""The .molq file and the model card. Never imports engine."""
