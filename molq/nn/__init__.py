"""Networks: Predictor = encoder + readout + head. PyG is imported here and nowhere else; RDKit never."""
