"""The workflows, where chemistry and tensors meet: train, calibrate, quantize, compare, diagnose. Never imports cli."""
