"""Whether a calibration set serves a model: ranges, activations, int8 scores. Never imports study or diagnosis."""
