"""The workflows: train or load, calibrate, quantize, compare. Never imports cli."""
