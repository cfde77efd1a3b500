"""Networks: Predictor = encoder + readout + head. Never imports RDKit; PyG is imported here only."""
