"""The whole road: train or load, calibrate, quantize, save, load back, compare. Never imports diagnosis."""
