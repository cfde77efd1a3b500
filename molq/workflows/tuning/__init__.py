"""Quantization-aware training: integers learn to imitate the float model. Never imports study or diagnosis."""
