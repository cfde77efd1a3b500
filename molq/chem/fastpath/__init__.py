"""SMILES bytes to packed graphs without RDKit, for what it is sure of; RDKit is asked about the rest. Never guesses."""
