"""Networks: Predictor = encoder + readout + head. PyG is imported here only. Never imports RDKit."""
