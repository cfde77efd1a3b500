"""The .molq file: one safetensors file with a validated description of the model inside. Never a pickle."""
