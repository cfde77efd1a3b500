"""The workflows, where chemistry and tensors meet: train, calibrate, quantize, compare. Never imports cli."""
